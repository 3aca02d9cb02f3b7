// What a case asks of the page.
"use strict";
const video = document.getElementById("video");
const troubles = [];
video.addEventListener("error", () => troubles.push(`video: ${video.error?.message || video.error?.code}`));

const event = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

async function open(url) {
  video.src = url;
  await event(video, "canplay");
}

// Attaches hls.js to the master playlist; its levels' heights.
async function openStream(url) {
  window.hls = new Hls();
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal || data.details !== Hls.ErrorDetails.BUFFER_STALLED_ERROR) troubles.push(`hls.js: ${data.details}`);
  });
  const parsed = new Promise((resolve) => hls.on(Hls.Events.MANIFEST_PARSED, resolve));
  hls.loadSource(url);
  hls.attachMedia(video);
  await parsed;
  await event(video, "canplay");
  return hls.levels.map((level) => level.height);
}

async function chooseLevel(index) {
  const switched = new Promise((resolve) => hls.on(Hls.Events.LEVEL_SWITCHED, resolve));
  if (hls.currentLevel === index) return;
  hls.currentLevel = index;
  await switched;
}

// Shows the frame at this time; the time stamp of what is shown.
async function seek(seconds) {
  const shown = new Promise((resolve) => video.requestVideoFrameCallback((_, facts) => resolve(facts.mediaTime)));
  const sought = event(video, "seeked");
  video.currentTime = seconds;
  await sought;
  const mediaTime = await shown;
  await painted();
  return mediaTime;
}

// From the start to the end at this rate, watching every frame that is shown.
async function playThrough(rate) {
  await seek(0);
  const times = [];
  const watch = (_, facts) => {
    times.push(facts.mediaTime);
    video.requestVideoFrameCallback(watch);
  };
  video.requestVideoFrameCallback(watch);
  video.playbackRate = rate;
  const ended = event(video, "ended");
  await video.play();
  await ended;
  const backwards = times.filter((time, i) => i > 0 && time < times[i - 1]).length;
  return { ended: video.ended, at: video.currentTime, duration: video.duration, shown: times.length, backwards };
}

async function pixels(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(1280, 720);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 1280, 720);
  return context.getImageData(0, 0, 1280, 720).data;
}

// How alike two pictures are, in decibel.
async function psnr(one, other) {
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  let squares = 0;
  for (let i = 0; i < a.length; i += 4) {
    for (let channel = 0; channel < 3; ++channel) squares += (a[i + channel] - b[i + channel]) ** 2;
  }
  const mean = squares / ((a.length / 4) * 3);
  return mean === 0 ? 100 : 10 * Math.log10(255 ** 2 / mean);
}

// Cues of a WebVTT file as the browser reads it.
async function cues(url, kind) {
  const track = document.createElement("track");
  Object.assign(track, { kind, src: url });
  video.append(track);
  track.track.mode = "hidden";
  await Promise.race([event(track, "load"), event(track, "error")]);
  const list = [...(track.track.cues ?? [])];
  return list.map((cue) => ({ start: cue.startTime, end: cue.endTime, text: cue.text }));
}

async function sizeOf(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}
