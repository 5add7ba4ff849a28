// What the browser's tests share: who looks, on what screen, and what no page may do.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

export const base = process.env.CONSOLE_BASE
const password = 'wangge-demo'
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser
export const open = async () => (browser ??= await chromium.connect(process.env.CONSOLE_BROWSER))

export const desk = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

/** ask asks the API as somebody: `await ask(token, 'POST', '/v1/tickets', {...})`. */
export async function ask(token, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  })
  const text = await answer.text()
  return { status: answer.status, body: text ? JSON.parse(text) : undefined }
}

const tokens = new Map()
const credentials = (who) => (/^\d+$/.test(who) ? { phone: who, code: '000000' } : { username: who, password })

/** token is an access token of a role's sign-in of the demonstration, or of a resident's phone. */
export async function token(who) {
  if (!tokens.has(who)) tokens.set(who, (await ask('', 'POST', '/v1/sessions', credentials(who))).body.accessToken)
  return tokens.get(who)
}

/**
 * look opens the console in a browser of its own, signed in as a role ('' for nobody), and notes what no page may do: errors of
 * scripts, what the content security policy refused, requests to elsewhere.
 */
export async function look(who, { path = '/console/', size = desk, lang = 'zh-CN', theme = 'light', at = base } = {}) {
  const context = await (await open()).newContext({ viewport: size, locale: lang, colorScheme: theme, baseURL: at, reducedMotion: 'reduce' })
  context.setDefaultTimeout(60_000)
  await context.addInitScript((kept) => {
    localStorage.setItem('wangge.language', kept)
    addEventListener('securitypolicyviolation', (e) => (globalThis.refused ??= []).push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))
  }, lang)
  if (who) {
    const answer = await context.request.post('/v1/sessions/browser', { data: credentials(who), headers: { Origin: base } })
    assert.equal(answer.status(), 201, await answer.text())
  }
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (e) => faults.push(`error: ${e.message}`))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && faults.push(`console: ${m.text()}`))
  page.on('request', (r) => /^https?:/.test(r.url()) && !r.url().startsWith(at) && faults.push(`elsewhere: ${r.url()}`))
  page.faults = async () => [...faults, ...((await page.evaluate(() => globalThis.refused)) ?? []).map((v) => `policy: ${v}`)]
  if (path) await page.goto(path)
  return page
}

/** settled waits until a page shows what it has: nothing loads any more. */
export async function settled(page) {
  await page.locator('main h1, main canvas, main [data-page]').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main [role=status][aria-label]'))
}

/** accessible holds a page against axe: no finding that is serious. */
export async function accessible(page, what) {
  await page.evaluate(axeSource) // by the debugger, which no policy binds
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] })
    return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200)).join(' | ')}`)
  })
  assert.deepEqual(found, [], what)
}

/** flawless is what every page must be at the end of a look at it. */
export async function flawless(page, what) {
  assert.deepEqual(await page.faults(), [], what)
}

/** colour is the mean red, green and blue of the middle of an element as it is seen. */
export async function colour(page, of) {
  const box = await page.locator(of).first().boundingBox()
  const png = await page.screenshot({ clip: { x: box.x + box.width / 2 - 90, y: box.y + box.height / 2 - 90, width: 180, height: 180 } })
  const blank = await page.context().newPage()
  try {
    return await blank.evaluate(async (data) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob())
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
      canvas.drawImage(image, 0, 0)
      const sum = [0, 0, 0]
      const { data: pixels } = canvas.getImageData(0, 0, image.width, image.height)
      for (let i = 0; i < pixels.length; i++) if (i % 4 < 3) sum[i % 4] += pixels[i]
      return sum.map((v) => (v * 4) / pixels.length)
    }, png.toString('base64'))
  } finally {
    await blank.close()
  }
}
