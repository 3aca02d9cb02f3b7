// Sets equations as drawings: one JSON object a line in, one a line out, in the same order.
//
//   in   {"tex": "\\frac{a}{b}", "display": true, "widest_em": 36}
//   out  {"svg": "<svg …>", "width": 1.3, "height": 1.1, "depth": 0.7}   in em: height above, depth below the baseline
//        {"error": "Missing close brace"}
//
// Each answer is written as soon as it is there: whoever stops this program keeps what is done. The drawings hold
// paths, lines and, for letters that the mathematical font lacks, texts: no links, no scripts, no colours but the one
// that they are drawn in.
'use strict';

const fs = require('fs');
const { mathjax } = require('mathjax-full/js/mathjax.js');
const { TeX } = require('mathjax-full/js/input/tex.js');
const { SVG } = require('mathjax-full/js/output/svg.js');
const { liteAdaptor } = require('mathjax-full/js/adaptors/liteAdaptor.js');
const { RegisterHTMLHandler } = require('mathjax-full/js/handlers/html.js');
require('mathjax-full/js/input/tex/base/BaseConfiguration.js');
require('mathjax-full/js/input/tex/ams/AmsConfiguration.js');
require('mathjax-full/js/input/tex/mhchem/MhchemConfiguration.js');
require('mathjax-full/js/input/tex/cancel/CancelConfiguration.js');
require('mathjax-full/js/input/tex/color/ColorConfiguration.js');
require('mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js');

// What can do no more than draw: nothing that loads (require, autoload), links or styles (html), defines (newcommand).
const PACKAGES = ['base', 'ams', 'mhchem', 'cancel', 'color', 'boldsymbol'];
const UNITS_PER_EM = 1000;
const MOST_LINES = 12;
// How far the lines of a broken equation stand in, and what its first sign takes besides.
const INDENT_EM = 2.5;
const ELEMENTS = new Set(['svg', 'g', 'path', 'rect', 'line', 'ellipse', 'polygon', 'text']);
const ATTRIBUTES = new Set([
  'd', 'transform', 'x', 'y', 'width', 'height', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'rx', 'ry', 'points', 'viewBox',
  'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'font-size', 'font-style', 'font-weight', 'font-family',
  'preserveAspectRatio',
]);

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const page = mathjax.document('', {
  InputJax: new TeX({
    packages: PACKAGES,
    maxBuffer: 8 * 1024,
    formatError: (_, error) => {
      throw error;
    },
  }),
  OutputJax: new SVG({ fontCache: 'none', internalSpeechTitles: false }),
});

function escaped(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

// Grounds and hit boxes, which have no ink.
function isBare(node) {
  return ['data-bgcolor', 'data-hitbox', 'data-background'].some((name) => adaptor.getAttribute(node, name));
}

function attributesOf(node) {
  let out = '';
  for (const { name, value } of adaptor.allAttributes(node)) {
    const unfilled = (name === 'fill' || name === 'stroke') && value === 'none';
    if (ATTRIBUTES.has(name) || unfilled) out += ` ${name}="${escaped(value)}"`;
  }
  return out;
}

function written(node) {
  const kind = adaptor.kind(node);
  if (kind === '#text') return escaped(adaptor.value(node));
  const inner = () => adaptor.childNodes(node).map(written).join('');
  if (kind === 'a') return inner();
  if (!ELEMENTS.has(kind) || isBare(node)) return '';
  const dashed = (adaptor.getAttribute(node, 'class') || '').includes('mjx-dashed') ? ' stroke-dasharray="140"' : '';
  return `<${kind}${attributesOf(node)}${dashed}>${inner()}</${kind}>`;
}

// Numbers and names are a page's, not a slide's.
function withoutTags(tex) {
  return tex.replace(/\\(?:tag\*?|label)\s*\{[^{}]*\}|\\(?:notag|nonumber)(?![A-Za-z])/g, '');
}

function set(tex, display) {
  const svg = adaptor.firstChild(page.convert(withoutTags(tex), { display, em: 16, ex: 8, containerWidth: 1e6 }));
  const box = (adaptor.getAttribute(svg, 'viewBox') || '').split(' ').map(Number);
  if (box.length !== 4 || !box.every(Number.isFinite)) throw new Error('it has no size of its own');
  const [x, y, width, height] = box;
  if (!(width > 0) || !(height > 0)) throw new Error('there is nothing to be seen');
  // Lines and strokes may reach a little over their box.
  const room = 40;
  const view = `${x - room} ${y - room} ${width + 2 * room} ${height + 2 * room}`;
  const inner = adaptor.childNodes(svg).map(written).join('');
  return {
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}">` +
      `<g stroke="currentColor" fill="currentColor" stroke-width="0">${inner}</g></svg>`,
    width: width / UNITS_PER_EM,
    height: -y / UNITS_PER_EM,
    depth: (height + y) / UNITS_PER_EM,
    room: room / UNITS_PER_EM,
  };
}

const RELATIONS = new Set([
  '=', '<', '>', '\\leq', '\\le', '\\geq', '\\ge', '\\neq', '\\ne', '\\approx', '\\equiv', '\\sim', '\\to',
  '\\rightarrow', '\\Rightarrow', '\\implies', '\\iff', '\\Leftrightarrow', '\\propto',
]);
const SIGNS = new Set(['+', '-', '\\pm', '\\mp', '\\cdot', '\\times']);

// The pieces of an equation that begin with one of `signs`; those inside braces, brackets and environments stay whole.
function pieces(tex, signs) {
  const out = [''];
  let depth = 0;
  let before = '';
  for (const [token] of tex.matchAll(/\\begin\s*\{[^}]*\}|\\end\s*\{[^}]*\}|\\[A-Za-z]+|\\[^]|[^]/g)) {
    if (/^(\{|\(|\[|\\left$|\\begin)/.test(token)) depth += 1;
    if (/^(\}|\)|\]|\\right$|\\end)/.test(token)) depth -= 1;
    // What follows \left and \right is no bracket of its own.
    if (/^\\(left|right)$/.test(before) && /^[()[\]]$/.test(token)) depth += /[([]/.test(token) ? -1 : 1;
    const parts = depth === 0 && signs.has(token) && !'^_{'.includes(before || '{') && !signs.has(before);
    if (parts && out[out.length - 1].trim()) out.push('');
    out[out.length - 1] += token;
    if (token.trim()) before = token;
  }
  return out;
}

// Over several lines, each as long as may be, or as short as they become; null where it cannot be parted.
function broken(tex, widest) {
  if (/\\\\|\\begin/.test(tex)) return null;
  let best = null;
  for (const signs of [RELATIONS, new Set([...RELATIONS, ...SIGNS])]) {
    const lines = [];
    for (const piece of pieces(tex, signs)) {
      const joined = lines.length > 0 ? lines[lines.length - 1] + piece : piece;
      const room = lines.length > 1 ? widest - INDENT_EM : widest;
      if (lines.length > 0 && set(joined, true).width <= room) lines[lines.length - 1] = joined;
      else lines.push(piece);
    }
    if (lines.length < 2 || lines.length > MOST_LINES) continue;
    const rows = lines.map((line, i) => (i === 0 ? `&${line}` : `&\\qquad{}${line}`));
    const whole = set(`\\begin{aligned}${rows.join('\\\\')}\\end{aligned}`, true);
    if (whole.width <= widest) return whole;
    if (!best || whole.width < best.width) best = whole;
  }
  return best;
}

function setFitting({ tex, display, widest_em: widest }) {
  const whole = set(tex, display === true);
  if (!display || !(widest > 0) || whole.width <= widest) return whole;
  try {
    return broken(tex, widest) || whole;
  } catch (_) {
    return whole;
  }
}

for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
  if (!line) continue;
  let answer;
  try {
    answer = setFitting(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error.message || error).slice(0, 200) };
  }
  fs.writeSync(1, JSON.stringify(answer) + '\n');
}
