// Plays a lesson in Chromium: node playback.mjs CASE LESSON SHOTS. LESSON is what vivid-render made, screenshots go to
// SHOTS. Ends with 0, with 1 and what is wrong, or with 77 and why it cannot be tried here.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./server.mjs";

const SKIPPED = 77;
const WAIT_MS = 120_000;
// What is on the screen against the still of its scene, on which no point has stepped back; that of another scene is
// farther off by so much.
const ALIKE_DB = { full: 29, scaled: 24 };
const FARTHER_DB = 6;

const here = dirname(fileURLToPath(import.meta.url));
const [, , name, lesson, shots] = process.argv;

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(SKIPPED);
}

function resolve(module) {
  try {
    return createRequire(import.meta.url).resolve(module);
  } catch {
    return skip(`${module} is not installed (./dev setup installs it)`);
  }
}

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
if (!chromium) skip("Chromium is not installed (./dev setup installs it)");
const player = dirname(resolve("hls.js/dist/hls.js"));
const playwright = createRequire(import.meta.url)(resolve("playwright-core"));
const manifest = JSON.parse(readFileSync(join(lesson, "manifest.json"), "utf8"));
const rate = manifest.video.frames_per_second;
const length = manifest.video.duration_seconds;
const stillOf = (scene) => `/lesson/images/scene-${String(scene.number).padStart(2, "0")}.png`;
// The middle of a frame near the scene's end, when all that it shows is there; not within the 0.1 s before what is
// buffered already, which hls.js leaps over.
const middleOf = (frame) => (frame + 0.5) / rate;
const lastFrameOf = (scene) => Math.floor((scene.end_seconds - 0.2) * rate);

// What is on the screen is the still of the scene, and not that of another.
async function expectScene(page, scene, shot, alike, everyFrame = true) {
  const frame = lastFrameOf(scene);
  const shown = await page.evaluate((at) => seek(at), middleOf(frame));
  assert.ok(shown * rate < frame + 0.5, `frame ${frame} was asked for, ${shown * rate} is shown`);
  assert.ok(!everyFrame || shown * rate > frame - 0.5, `frame ${frame} was asked for, ${shown * rate} is shown`);
  const png = await page.locator("video").screenshot();
  writeFileSync(join(shots, `${shot}-scene-${scene.number}.png`), png);
  const seen = `data:image/png;base64,${png.toString("base64")}`;
  const compare = (still) => page.evaluate(([a, b]) => psnr(a, b), [seen, still]);
  const own = await compare(stillOf(scene));
  const other = await compare(stillOf(manifest.scenes[scene.number % manifest.scenes.length]));
  console.log(`${shot} scene ${scene.number}: ${own.toFixed(1)} dB, the next scene's still ${other.toFixed(1)} dB`);
  assert.ok(own >= alike, `scene ${scene.number} shows ${own} dB of its still`);
  assert.ok(other < own - FARTHER_DB, `scene ${scene.number} looks like the next: ${other} dB`);
}

async function expectPlays(page, speed) {
  const played = await page.evaluate((value) => playThrough(value), speed);
  console.log(`at ${speed}x: ${JSON.stringify(played)}`);
  assert.ok(played.ended);
  assert.ok(Math.abs(played.at - played.duration) < 0.1);
  assert.ok(Math.abs(played.duration - length) < 0.25, `${played.duration} s instead of ${length} s`);
  assert.ok(played.shown >= 5, `only ${played.shown} frames were shown`);
  assert.equal(played.backwards, 0, "time went back");
}

// In an order that jumps forwards and backwards.
const jumps = () => [...manifest.scenes].reverse().concat(manifest.scenes[manifest.scenes.length - 1]);

async function file(page, { path, shot, everyFrame }) {
  await page.evaluate((url) => open(url), `/lesson/${path}`);
  for (const scene of jumps()) await expectScene(page, scene, shot, ALIKE_DB.full, everyFrame);
  for (const speed of [1, 4]) await expectPlays(page, speed);
}

async function stream(page) {
  const heights = await page.evaluate((url) => openStream(url), "/lesson/hls/master.m3u8");
  assert.deepEqual([...heights].sort(), [480, 720]);
  for (const [index, height] of heights.entries()) {
    await page.evaluate((value) => chooseLevel(value), index);
    for (const scene of jumps()) {
      await expectScene(page, scene, `hls-${height}`, height === 720 ? ALIKE_DB.full : ALIKE_DB.scaled);
      const [width, shown] = await page.evaluate(() => [video.videoWidth, video.videoHeight]);
      assert.equal(shown, height, `level ${height} shows ${width}x${shown}`);
    }
  }
  for (const speed of [1, 4]) await expectPlays(page, speed);
  const texts = await page.evaluate(() => [...video.textTracks].map((track) => track.kind));
  assert.ok(texts.includes("subtitles"), `text tracks: ${texts}`);
}

// Each picture inside the sheet, one after the other, over all of the lesson.
async function previews(page) {
  const sheet = await page.evaluate((url) => sizeOf(url), "/lesson/preview.jpg");
  const cues = await page.evaluate((url) => window.cues(url, "metadata"), "/lesson/preview.vtt");
  assert.ok(cues.length > 1);
  let end = 0;
  for (const cue of cues) {
    assert.ok(Math.abs(cue.start - end) < 0.002, `a gap before ${cue.start} s`);
    end = cue.end;
    const place = /^preview\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(cue.text);
    assert.ok(place, cue.text);
    const [x, y, width, height] = place.slice(1).map(Number);
    assert.ok(width > 0 && height > 0 && x + width <= sheet.width && y + height <= sheet.height, cue.text);
  }
  assert.ok(Math.abs(end - length) < 0.25, `previews end at ${end} s`);
  assert.deepEqual(await page.evaluate((url) => sizeOf(url), "/lesson/poster.jpg"), { width: 1280, height: 720 });
  for (const { name: image } of manifest.files.filter((each) => each.name.startsWith("thumbnails/"))) {
    const { width, height } = await page.evaluate((url) => sizeOf(url), `/lesson/${image}`);
    assert.ok(Math.abs(width / height - 16 / 9) < 0.02, `${image} is ${width}x${height}`);
  }
  const captions = await page.evaluate((url) => window.cues(url, "captions"), "/lesson/captions.vtt");
  assert.ok(captions.length > 2);
  assert.match(captions[0].text, /Why does a ball/);
  for (const cue of captions) assert.ok(cue.start < cue.end && cue.end <= length + 0.25, JSON.stringify(cue));
}

const cases = {
  mp4: (page) => file(page, { path: "video.mp4", shot: "mp4", everyFrame: true }),
  // Frames that repeat the one before are not in it.
  webm: (page) => file(page, { path: "video.webm", shot: "webm", everyFrame: false }),
  hls: stream,
  previews,
};

mkdirSync(shots, { recursive: true });
const server = await serve({ lesson, hls: player, test: here });
const browser = await playwright.chromium.launch({
  executablePath: chromium,
  timeout: WAIT_MS,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${server.origin}/test/page.html`, { timeout: WAIT_MS });
  await cases[name](page);
  assert.deepEqual(await page.evaluate(() => troubles), []);
  assert.deepEqual(server.seen.missing.filter((path) => path !== "/favicon.ico"), []);
  if (name !== "previews") assert.ok(server.seen.ranges > 0, "nothing was asked for in parts");
} finally {
  await browser.close();
  await server.close();
}
