// Opens pages in chromium as a reader would, at two widths and in two languages: what axe finds, what sticks out, and pictures when asked for.
// node look.mjs '{"url", "name", "password", "paths": [...], "widths": [360, 1440], "languages": ["vi", "en"], "folder": "" | "…"}'
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const asked = JSON.parse(process.argv[2]);
const browser = await puppeteer.launch({ executablePath: asked.chromium, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
await page.setBypassCSP(true); // axe is injected; the pages themselves run no script
await page.goto(`${asked.url}/login`);
await page.type("[name=name]", asked.name);
await page.type("[name=password]", asked.password);
await Promise.all([page.waitForNavigation(), page.click("form button")]);

const found = [];
for (const language of asked.languages) {
  await page.goto(`${asked.url}/language/${language}?next=/`);
  for (const width of asked.widths) {
    await page.setViewport({ width, height: 900 });
    for (const path of asked.paths) {
      const answer = await page.goto(asked.url + path);
      await page.addScriptTag({ path: axe });
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
      const told = serious.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      found.push({ path, language, width, status: answer.status(), serious: told, over });
      if (asked.folder) {
        const name = `${path.replace(/[^a-z0-9]+/gi, "_")}-${language}-${width}.png`;
        await page.screenshot({ path: `${asked.folder}/${name}`, clip: { x: 0, y: 0, width, height: Math.min(2200, await page.evaluate(() => document.body.scrollHeight)) } });
      }
    }
  }
}
await browser.close();
process.stdout.write(JSON.stringify(found));
