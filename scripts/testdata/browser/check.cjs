// Checks the page of examples/dashboard in Chromium. See scripts/browser.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const { chromium } = require("playwright-core");

const [, , executablePath, address, ...wanted] = process.argv;
const port = new URL(address).port;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

function ensure(condition, text) {
  if (!condition) throw new Error(text);
}

const checks = [];
function check(name, run) {
  checks.push({ name, run });
}

let browser;

// visit opens a window. What the browser complains of, such as what the policy forbids, is an error.
async function visit(options, run) {
  const { complaints: allowed = /status of 404/, ...context } = options;
  const window = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...context });
  window.setDefaultTimeout(15000);
  const complaints = [];
  window.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") complaints.push(message.text()); });
  window.on("weberror", (error) => complaints.push(String(error.error())));
  try {
    const page = await window.newPage();
    await run(page, window);
  } finally {
    await window.close();
  }
  const serious = complaints.filter((text) => !allowed.test(text));
  ensure(serious.length === 0, "the browser complains: " + serious.join("; "));
}

// idOf finds a job by name.
async function idOf(name) {
  const text = await (await fetch(address + "?q=" + name)).text();
  const found = text.match(new RegExp(`href="job\\?id=([0-9a-f-]+)">${name}<`));
  ensure(found, "no job " + name);
  return found[1];
}

async function everyPage() {
  const failing = await idOf("billing-export"), paused = await idOf("newsletter"), backup = await idOf("backup");
  return ["", "?tag=billing&sort=-next", "?q=nothing-has-this-name", "grid", "grid?span=1h", "runs", "scheduler", "job?id=" + failing,
    "job?id=" + paused, `job?id=${backup}&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z`, "confirm?action=pause&tag=billing",
    "confirm?action=run&id=" + failing, "confirm?action=limit&pool=warehouse", "job?id=nothing"];
}

const heading = (page) => page.locator("h1").innerText();

for (const javaScriptEnabled of [true, false]) {
  for (const width of [360, 1600]) {
    for (const colorScheme of ["light", "dark"]) {
      check(`${width} pixels, ${colorScheme}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
        const paths = await everyPage();
        await visit({ viewport: { width, height: 800 }, colorScheme, javaScriptEnabled }, async (page) => {
          for (const path of paths) {
            await page.goto(address + path);
            ensure(await heading(page), path + ": no heading");
            const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
            ensure(wide <= width, `${path}: ${wide} pixels wide, in a window of ${width}`);
            const ink = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
            ensure((ink === "rgb(255, 255, 255)") === (colorScheme === "light"), `${path}: ${ink} in ${colorScheme}`);
          }
        });
      });
    }
  }
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1600]) {
    check(`axe-core, ${colorScheme}, ${width} pixels`, async () => {
      const paths = await everyPage();
      await visit({ viewport: { width, height: 800 }, colorScheme }, async (page) => {
        for (const path of paths) {
          await page.goto(address + path);
          await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
          await page.evaluate(axe);
          const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          const bad = found.violations.filter((v) => v.impact === "serious" || v.impact === "critical" || v.id === "color-contrast");
          ensure(bad.length === 0, path + ": " + bad.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary).join(" | ")}`).join("\n"));
          const small = found.violations.filter((v) => !bad.includes(v)).map((v) => `${v.id} (${v.impact})`);
          if (small.length) console.log(`    ${path}: ${small.join(", ")}`);
        }
      });
    });
  }
}

// An operator without JavaScript.
check("without JavaScript: pause a tag, see it everywhere, resume, run", async () => {
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(address);
    await page.click("tbody a.tag >> text=billing");
    await page.click("text=Pause all tagged billing");
    ensure((await page.locator("main").innerText()).includes("invoice-mail"), "the page that asks does not name the jobs");
    await page.fill("input[name=note]", "<b>key</b> is being renewed");
    await page.click("button.do");
    ensure((await page.locator("[role=status]").innerText()) === "Paused.", "nothing says that it is done");
    for (const path of ["?tag=billing", "job?id=" + (await idOf("invoice-mail"))]) {
      await page.goto(address + path);
      ensure((await page.locator("main").innerText()).includes("<b>key</b> is being renewed"), path + " does not show the note, as text");
    }
    await page.goto(address + "grid?tag=billing");
    ensure((await page.locator(".grid th .mark").count()) === 2, "the grid does not show the pause");
    await page.goto(address + "?tag=billing");
    await page.click("text=Resume all tagged billing");
    await page.click("button.do");
    ensure((await page.locator("text=key is being renewed").count()) === 0, "still paused");
    await page.goto(address + "?q=rebuild-index");
    await page.click("tbody >> text=Run");
    await page.click("button.do");
    ensure((await heading(page)) === "rebuild-index: succeeded", await heading(page));
  });
});

// Tab moves on until the element with the focus has a text.
async function tabTo(page, text, key = "Tab") {
  for (let i = 0; i < 300; i++) {
    await page.keyboard.press(key);
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const style = getComputedStyle(e), box = e.getBoundingClientRect();
      return { text: (e.innerText || e.value || e.name || "").trim().replace(/\s+/g, " "), name: e.name || "", seen: style.outlineStyle !== "none" || e.tagName === "MAIN" || e.tagName === "BODY", there: box.width > 0 };
    });
    ensure(at.seen, `the focus on "${at.text}" cannot be seen`);
    if (text instanceof RegExp ? text.test(at.text) : at.text === text || at.name === text) return;
  }
  throw new Error("Tab does not come to " + text);
}

check("by keyboard: find the failing job and why", async () => {
  await visit({}, async (page) => {
    await page.goto(address);
    await page.keyboard.press("Tab");
    ensure((await page.evaluate(() => document.activeElement.innerText)) === "Skip to the content", "the first is not the link to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, /^\d+ failing$/);
    await Promise.all([page.waitForURL(/failing=1/), page.keyboard.press("Enter")]);
    await tabTo(page, "billing-export");
    await Promise.all([page.waitForURL(/job\?id=/), page.keyboard.press("Enter")]);
    ensure((await page.locator("main").innerText()).includes("has expired"), "the page does not say why");
  });
});

check("by keyboard: pause with a note, and resume", async () => {
  await visit({}, async (page) => {
    await page.goto(address + "?q=heartbeat");
    await tabTo(page, "Pause heartbeat");
    await Promise.all([page.waitForURL(/confirm/), page.keyboard.press("Enter")]);
    await tabTo(page, "note");
    await page.keyboard.type("by keyboard");
    await Promise.all([page.waitForURL(/done=pause/), page.keyboard.press("Enter")]);
    ensure((await page.locator("main").innerText()).includes("by keyboard"), "no note");
    await tabTo(page, "Resume heartbeat");
    await Promise.all([page.waitForURL(/confirm/), page.keyboard.press("Enter")]);
    await tabTo(page, "Resume");
    await Promise.all([page.waitForURL(/done=resume/), page.keyboard.press("Enter")]);
  });
});

check("by keyboard: the grid", async () => {
  await visit({}, async (page) => {
    await page.goto(address + "grid");
    await page.waitForFunction(() => document.querySelectorAll(".grid td a[tabindex='0']").length === 1);
    await page.focus(".grid td a[tabindex='0']");
    for (const key of ["ArrowDown", "ArrowRight", "End", "ArrowUp", "Home", "ArrowLeft"]) {
      const before = await page.evaluate(() => document.activeElement.title);
      await page.keyboard.press(key);
      const now = await page.evaluate(() => ({ title: document.activeElement.title, says: document.getElementById("says").innerText }));
      ensure(now.title && (now.title !== before || key === "ArrowLeft" || key === "Home" || key === "ArrowUp"), `${key} leads nowhere from ${before}`);
      ensure(now.says.replace(/\s+/g, " ") === now.title.replace(/\s+/g, " "), `${key}: the line below says "${now.says}", the cell "${now.title}"`);
    }
    const title = await page.evaluate(() => document.activeElement.title.split(",")[0]);
    await Promise.all([page.waitForURL(/job\?id=.*from=/), page.keyboard.press("Enter")]);
    ensure((await heading(page)) === title, "the cell leads to another job");
  });
});

// What an operator comes for, each from the first page in at most three steps, by mouse and by
// keyboard alone. A step is a link or a button by its text; {type} is typed into a field.
const shows = (text, ...wanted) => wanted.forEach((w) => ensure(w instanceof RegExp ? w.test(text) : text.includes(w), `no ${w} in: ${text}`));
const tasks = [
  { name: "find the job that fails, and why", steps: [/^\d+ failing$/], want: ["billing-export", "403 Forbidden: the key of account “billing” has expired"] },
  { name: "find the job that fails, and all of its failures", steps: [/^\d+ failing$/, "billing-export"], want: ["Last failure", "failed: upload: 403 Forbidden", "Next 20 runs"] },
  { name: "see that the nightly job was missed, and when it was caught up", steps: ["backup"],
    want: [/it was missed when it was due, and caught up at \w+ \d+-\d+-\d+ \d+:\d+:\d+/] },
  { name: "pause a tag", steps: ["billing", "Pause all tagged billing", { field: "note", type: "maintenance" }, "Pause"], want: ["Paused.", "maintenance"],
    after: async (page) => {
      for (const path of ["", "?state=paused", "job?id=" + (await idOf("invoice-mail")), "job?id=" + (await idOf("billing-export"))]) {
        await page.goto(address + path);
        shows(await page.locator("main").innerText(), "maintenance", "paused");
      }
      await page.goto(address + "grid");
      shows(await page.locator(".grid").innerText(), /billing-export P/, /invoice-mail P/);
      await page.goto(address + "scheduler");
      shows(await page.locator("main").innerText(), "of which 3 paused");
    } },
  { name: "resume the tag", steps: ["billing", "Resume all tagged billing", "Resume"], want: ["Resumed."],
    after: async (page) => {
      for (const path of ["", "job?id=" + (await idOf("invoice-mail"))]) {
        await page.goto(address + path);
        ensure(!(await page.locator("main").innerText()).includes("maintenance"), path + ": still paused");
      }
    } },
  { name: "run a job now, and get its result", steps: ["Run rebuild-index now", "Run now"], want: ["rebuild-index: succeeded", "Took"] },
  { name: "find what waits, and for what", steps: ["Runs"], want: [/\d+ of 1 slots taken/, "Pool warehouse"],
    after: async (page) => { // the pool is full most of the time
      await page.locator("text=a slot of pool").first().waitFor({ timeout: 45000 });
      shows(await page.locator("main").innerText(), /import-\w+\s+W?\s*a slot of pool "warehouse"/);
    } },
];

// clickOn clicks the first link or button with the name.
async function clickOn(page, name) {
  const wanted = { name, exact: true };
  await page.getByRole("link", wanted).or(page.getByRole("button", wanted)).first().click();
}

for (const [how, go] of [
  ["mouse", (page, text) => clickOn(page, text)],
  ["keyboard", async (page, text) => { await tabTo(page, text); await page.keyboard.press("Enter"); }],
]) {
  for (const task of tasks) {
    check(`by ${how}, from the first page: ${task.name}`, async () => {
      await visit({}, async (page) => {
        await page.goto(address);
        let steps = 0;
        for (const step of task.steps) {
          if (step.type) {
            if (how === "keyboard") await tabTo(page, step.field);
            else await page.focus(`[name=${step.field}]`);
            await page.keyboard.type(step.type);
            continue;
          }
          steps++;
          const before = page.url();
          await Promise.all([page.waitForURL((url) => url.href !== before, { timeout: 45000 }), go(page, step)]);
          await page.waitForLoadState();
        }
        ensure(steps <= 3, steps + " steps");
        shows(await page.locator("main").innerText(), ...task.want);
        if (task.after) await task.after(page);
      });
    });
  }
}

check("live: another's action is seen, updates can be paused, the words of times are the server's", async () => {
  await visit({}, async (page, window) => {
    await page.goto(address + "?q=rebuild-index");
    await page.waitForFunction(() => document.getElementById("live-state").innerText.startsWith("Updated as"));
    const other = await window.newPage();
    await other.goto(address + "confirm?action=run&id=" + (await idOf("rebuild-index")));
    const before = await page.locator("tbody .strip li").count();
    await other.click("button.do");
    await page.waitForFunction((n) => document.querySelectorAll("tbody .strip li").length > n, Math.min(before, 11));
    await page.click("#live-pause");
    ensure((await page.locator("#live-state").innerText()) === "Updates are paused.", "not paused");
    await other.goto(address + "confirm?action=pause&id=" + (await idOf("rebuild-index")));
    await other.click("button.do");
    await page.waitForTimeout(3000);
    ensure(!(await page.locator("tbody").innerText()).includes("paused"), "a paused page has changed");
    await page.click("#live-pause");
    await page.waitForFunction(() => document.querySelector("tbody").innerText.includes("paused"));
    await other.goto(address + "confirm?action=resume&id=" + (await idOf("rebuild-index")));
    await other.click("button.do");
    await page.waitForFunction(() => !document.querySelector("tbody").innerText.includes("paused"));
  });
  // The script and the server say times in the same words: an update that changes nothing replaces nothing.
  await visit({}, async (page) => {
    await page.goto(address + "?q=report-tokyo");
    await page.evaluate(() => { document.querySelector("#jobs tr").marked = true; });
    await page.waitForFunction(() => document.getElementById("live-state").innerText.startsWith("Updated as"));
    await page.waitForTimeout(500);
    ensure(await page.evaluate(() => document.querySelector("#jobs tr").marked), "a row was replaced by an equal one");
  });
});

check("a hidden tab has no stream, and one again when it is seen", async () => {
  await visit({}, async (page) => {
    const isStream = (request) => /\/live\?/.test(request.url());
    const opened = page.waitForRequest(isStream);
    await page.goto(address);
    await opened;
    await page.waitForFunction(() => document.getElementById("live-state").innerText.startsWith("Updated as"));
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await Promise.all([page.waitForEvent("requestfailed", isStream), hide(true)]);
    await Promise.all([page.waitForRequest(isStream), hide(false)]);
  });
});

check("seven windows at once: six connections are not used up", async () => {
  await visit({ complaints: /./ }, async (first, window) => {
    for (let i = 0; i < 8; i++) {
      const page = i === 0 ? first : await window.newPage();
      await page.goto(address + (i % 2 ? "runs" : ""));
      ensure(await heading(page), "no page");
      await page.waitForFunction(() => document.getElementById("live-state").innerText.startsWith("Updated"));
    }
  });
});

// A stranger's site. It is served from another port of this machine, and under another name.
let requests = [];
const stranger = http.createServer((request, response) => {
  requests.push(request.url);
  const page = (body) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!DOCTYPE html><title>stranger</title>${body}`);
  };
  const name = new URL(request.url, "http://x").pathname.slice(1);
  if (name === "form") return page(`<form method="post" action="${address}do"><input name="action" value="pause"><input name="id" value="${stranger.job}"><input name="note" value="stranger"></form><script>document.forms[0].submit()</script>`);
  if (name === "sandbox") return page(`<iframe sandbox="allow-forms allow-scripts" onload="window.loads = (window.loads || 0) + 1" srcdoc="<form method=post action=${address}do><input name=action value=pause><input name=id value=${stranger.job}></form><script>onload = () => document.forms[0].submit()</script>"></iframe>`);
  if (name === "frame") return page(`<iframe src="${address}" width="800" height="600"></iframe>`);
  if (name === "noreferrer") return page(`<meta name="referrer" content="no-referrer"><form method="post" action="${address}do" rel="noreferrer"><input name="action" value="pause"><input name="id" value="${stranger.job}"></form><script>document.forms[0].submit()</script>`);
  page("");
});

for (const host of ["evil.test", "127.0.0.1", "localhost"]) {
  check(`a page of ${host}, on another port, can do and read nothing`, async () => {
    stranger.job = await idOf("heartbeat");
    const site = `http://${host}:${stranger.address().port}/`;
    const unharmed = async (how) => {
      const text = await (await fetch(address + "job?id=" + stranger.job)).text();
      ensure(!text.includes("stranger") && !text.includes("<dt>Paused</dt>"), how + " has paused the job");
    };
    await visit({ complaints: /./ }, async (page) => {
      for (const form of ["form", "noreferrer"]) {
        await page.goto(site + form);
        await page.waitForURL(address + "do");
        ensure((await page.locator("body").innerText()).includes("Refused"), "a form is not refused");
        await unharmed(form);
      }
      await page.goto(site);
      const tried = await page.evaluate(async ({ address, job }) => {
        const out = {};
        const body = new URLSearchParams({ action: "pause", id: job, note: "stranger" });
        for (const options of [{ method: "POST", body }, { method: "POST", body, mode: "no-cors", credentials: "include" }, {}, { mode: "no-cors" }]) {
          const key = "fetch " + (options.method || "GET") + " " + (options.mode || "cors");
          out[key] = await fetch(address + (options.method ? "do" : ""), options).then(async (r) => r.type + (await r.text()), () => "failed");
        }
        out.stream = await new Promise((resolve) => {
          const stream = new EventSource(address + "live?page=");
          stream.onmessage = () => resolve("read");
          stream.onerror = () => resolve("failed");
        });
        out.metrics = await fetch(address + "metrics").then((r) => r.text(), () => "failed");
        out.socket = await new Promise((resolve) => {
          const socket = new WebSocket(address.replace("http", "ws") + "live?page=");
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("failed");
        });
        out.opened = await new Promise((resolve) => {
          const opened = window.open(address);
          setTimeout(() => {
            try { resolve(opened ? opened.document.body.innerText : "failed"); } catch { resolve("failed"); }
          }, 1000);
        });
        for (const [tag, file] of [["script", "page.js"], ["img", "icon.svg"]]) {
          out[tag] = await new Promise((resolve) => {
            const element = document.createElement(tag);
            element.src = address + file;
            element.onload = () => resolve("loaded");
            element.onerror = () => resolve("failed");
            document.body.append(element);
          });
        }
        return out;
      }, { address, job: stranger.job });
      for (const [how, result] of Object.entries(tried)) ensure(result === "failed" || result === "opaque", `${how}: ${result.slice(0, 200)}`);
      await unharmed("a fetch");
      // A sandbox has no origin.
      await page.goto(site + "sandbox");
      await page.waitForFunction(() => window.loads >= 2); // the form, and what is said to it
      await unharmed("a sandbox");
      await page.goto(site + "frame");
      const frame = page.frames()[1];
      ensure(!frame || !(await frame.content()).includes("billing-export"), "the page is shown in a frame");
    });
  });
}

check("a foreign name that leads to the page is refused", async () => {
  await visit({ complaints: /./ }, async (page) => {
    const answer = await page.goto(`http://evil.test:${port}/`);
    ensure(answer.status() === 421, "status " + answer.status());
    ensure(!(await page.content()).includes("billing-export"), "it is shown");
    const read = await page.evaluate(() => fetch("live?page=&once=1").then((r) => r.status));
    ensure(read === 421, "a read has status " + read);
    const metrics = await page.evaluate(() => fetch("metrics").then((r) => r.status));
    ensure(metrics === 421, "the metrics have status " + metrics);
  });
});

check("over plain HTTP, under a name of the list, forms work", async () => {
  for (const javaScriptEnabled of [true, false]) {
    await visit({ javaScriptEnabled, complaints: /./ }, async (page) => {
      for (const action of ["pause", "resume"]) {
        await page.goto(`http://ops.test:${port}/confirm?action=${action}&id=` + (await idOf("heartbeat")));
        await page.click("button.do");
        await page.waitForURL(new RegExp("done=" + action));
      }
    });
  }
});

(async () => {
  await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1"] });
  let failed = 0, passed = 0;
  for (const { name, run } of checks) {
    if (wanted.length && !wanted.some((word) => name.includes(word))) continue;
    try {
      await run();
      passed++;
      console.log("ok      " + name);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}: ${error.message}`);
    }
  }
  await browser.close();
  stranger.close();
  stranger.closeAllConnections();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
})();
