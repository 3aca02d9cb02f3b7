// Serves folders on a port of its own, with ranges, as every server of media does.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".html": "text/html",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".m4a": "audio/mp4",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".vtt": "text/vtt",
  ".webm": "video/webm",
};

// The file and its size; null if there is none below its folder.
function find(folders, url) {
  const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
  const [, first, ...rest] = path.split(sep);
  if (!(first in folders)) return null;
  const file = join(folders[first], ...rest);
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts?.isFile() ? { file, size: facts.size } : null;
}

// folders: by the first part of the path. Answers {origin, missing, ranges, close}: paths that were asked for in vain,
// and how many answers were parts of a file.
export async function serve(folders) {
  const seen = { missing: [], ranges: 0 };
  const server = createServer((request, response) => {
    const found = find(folders, request.url);
    if (!found) {
      seen.missing.push(request.url);
      response.writeHead(404).end();
      return;
    }
    const headers = { "Content-Type": TYPES[extname(found.file)] ?? "application/octet-stream", "Accept-Ranges": "bytes" };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(Number(range[2]), found.size - 1) : found.size - 1;
    if (start > end) {
      response.writeHead(416, { "Content-Range": `bytes */${found.size}` }).end();
      return;
    }
    if (range) {
      seen.ranges += 1;
      headers["Content-Range"] = `bytes ${start}-${end}/${found.size}`;
    }
    response.writeHead(range ? 206 : 200, { ...headers, "Content-Length": end - start + 1 });
    const stream = createReadStream(found.file, { start, end });
    response.on("close", () => stream.destroy());
    stream.pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve) && server.closeAllConnections());
  return { origin: `http://127.0.0.1:${server.address().port}`, seen, close };
}
