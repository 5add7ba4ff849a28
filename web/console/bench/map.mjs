// What panning the map costs where a city has 30,000 cells and 100,000 open tickets: the times between frames, beside those of
// an empty MapLibre map in the same run. Frame rates of a machine without a graphics card mean something only as a ratio.
//
//   npm run bench-map                 30,000 cells, 100,000 tickets, several minutes
//   npm run bench-map -- 3000 10000   a tenth of it
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const here = import.meta.dirname
const root = join(here, '../../..')
const [cells = 30_000, tickets = 100_000] = process.argv.slice(2).map(Number)
const perCommunity = 500 // of three digits there are 999
const side = 0.001 // degrees: cells of about 100 m

const work = mkdtempSync(join(tmpdir(), 'wangge-map-'))
const program = process.env.WANGGE ?? join(work, 'wangge')
if (!process.env.WANGGE) execFileSync('go', ['build', '-o', program, './cmd/wangge'], { cwd: root, stdio: 'inherit' })
const many = ['--staff-reports-per-hour', '--network-reports-per-hour', '--reports-per-hour'].flatMap((flag) => [flag, '10000000'])
const server = spawn(program, ['serve', '--demo', '--data', join(work, 'data'), '--listen', '127.0.0.1:0', ...many], { stdio: ['ignore', 'pipe', 'ignore'] })
const base = await new Promise((found) => {
  let text = ''
  server.stdout.on('data', (bytes) => {
    text += bytes
    const at = text.match(/answers on (http:\/\/\S+?)[\s(]/)
    if (at) found(at[1])
  })
})

async function ask(token, method, path, body, type = 'application/json') {
  const answer = await fetch(base + path, { method, headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': type }) }, body: body && JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
const signIn = async (who) => (await ask('', 'POST', '/v1/sessions', { username: who, password: 'wangge-demo' })).accessToken

// Communities without cells get squares of 25 by 20, one community beside the other north of the city.
const admin = await signIn('admin')
const communities = []
for (let cursor = ''; communities.length < cells / perCommunity; ) {
  const page = await ask(admin, 'GET', `/v1/areas?level=community&limit=500${cursor && `&cursor=${cursor}`}`)
  communities.push(...page.items.filter((a) => /^320(507|509|581|582|583|585)/.test(a.code)))
  if (!page.next) break
  cursor = page.next
}
const origin = [120.3, 31.55]
const corner = (n) => {
  const c = Math.floor(n / perCommunity)
  const i = n % perCommunity
  return [origin[0] + ((c % 8) * 25 + (i % 25)) * side, origin[1] + (Math.floor(c / 8) * 20 + Math.floor(i / 25)) * side]
}
const round = (v) => Math.round(v * 1e7) / 1e7
const feature = (n) => {
  const [x, y] = corner(n)
  const [w, s, e, north] = [round(x), round(y), round(x + side), round(y + side)]
  const code = communities[Math.floor(n / perCommunity)].code + String((n % perCommunity) + 1).padStart(3, '0')
  return { type: 'Feature', properties: { code, name: `第${(n % perCommunity) + 1}网格` }, geometry: { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, north], [w, north], [w, s]]] } }
}
for (let n = 0; n < cells; n += 10_000)
  await ask(admin, 'POST', '/v1/cells/import', { type: 'FeatureCollection', features: Array.from({ length: Math.min(10_000, cells - n) }, (_, i) => feature(n + i)) }, 'application/geo+json')
console.error(`${cells} cells`)

let told = 0
await Promise.all(
  Array.from({ length: 24 }, async () => {
    while (told < tickets) {
      const n = told++
      const [x, y] = corner((n * 7919) % cells)
      await ask(admin, 'POST', '/v1/tickets', { category: ['parking', 'pipe_dispute', 'noise'][n % 3], title: `诉求 ${n}`, position: { lon: x + side * ((n % 97) / 100 + 0.01), lat: y + side * ((n % 89) / 100 + 0.05), datum: 'wgs84' } })
    }
  }),
)
console.error(`${tickets} tickets`)

// What follows the reports, figures and notices, is done before anybody looks.
const ticks = () => readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(' ').slice(13, 15).reduce((a, b) => a + Number(b), 0)
for (let before = ticks(), waited = 0; waited < 300; waited += 3) {
  await new Promise((go) => setTimeout(go, 3000))
  const now = ticks()
  if (now - before < 30) break // a tenth of a processor
  before = now
}
console.error('at rest')

const executablePath = execFileSync('sh', [join(root, 'scripts/get-chromium.sh')], { encoding: 'utf8' }).trim()
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] })
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: base })
await context.request.post('/v1/sessions/browser', { data: { username: 'admin', password: 'wangge-demo' }, headers: { Origin: base } })

/** pans drags the map to and fro and returns the times between frames meanwhile, in ms. */
async function pans(page) {
  const box = await page.locator('canvas.maplibregl-canvas').boundingBox()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.evaluate(() => {
    globalThis.frames = []
    let last = performance.now()
    const tick = (now) => {
      globalThis.frames.push(now - last)
      last = now
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  for (let round = 0; round < 4; round++) {
    const way = round % 2 ? -1 : 1
    await page.mouse.move(x - way * 250, y - 100)
    await page.mouse.down()
    await page.mouse.move(x + way * 250, y + 100, { steps: 40 })
    await page.mouse.up()
    await page.waitForTimeout(400)
  }
  return (await page.evaluate(() => globalThis.frames)).slice(2).sort((a, b) => a - b)
}
const at = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))].toFixed(1)

const empty = await context.newPage()
const library = join(here, '../node_modules/maplibre-gl/dist')
await empty.route('**/empty/*', (route) => {
  const name = new URL(route.request().url()).pathname.split('/').at(-1)
  if (name !== 'page') return route.fulfill({ path: join(library, name), contentType: name.endsWith('css') ? 'text/css' : 'text/javascript' })
  return route.fulfill({ contentType: 'text/html', body: `<!doctype html><link rel="stylesheet" href="maplibre-gl.css"><style>body{margin:0}#m{position:absolute;inset:0}</style><div id="m"></div>
    <script type="module">import * as gl from './maplibre-gl.mjs'; gl.setWorkerUrl('/empty/maplibre-gl-worker.mjs'); globalThis.map = new gl.Map({container:'m', style:{version:8,sources:{},layers:[{id:'g',type:'background',paint:{'background-color':'#eee'}}]}, center:[120.4,31.6], zoom:13}); map.on('load', () => document.title='ready')</script>` })
})
await empty.goto('/empty/page')
await empty.waitForFunction(() => document.title === 'ready')
const nothing = await pans(empty)
await empty.close()

const rows = [['an empty map', nothing]]
const middle = corner(Math.floor(cells / 2))
for (const zoom of [10, 12, 13, 14, 15]) {
  const page = await context.newPage()
  await page.goto(`/console/map?m=${zoom}/${middle[1]}/${middle[0]}`)
  const idle = await page.locator('[data-map="idle"]').waitFor({ timeout: 20_000 }).then(() => true, () => false)
  if (!idle) console.error(`zoom ${zoom}: still drawing after 20 s`)
  rows.push([`the console's map, zoom ${zoom}`, await pans(page)])
  await page.close()
}
console.log('| map | p50 ms | p95 ms | p99 ms | median beside an empty map |\n|---|---|---|---|---|')
for (const [name, frames] of rows) console.log(`| ${name} | ${at(frames, 0.5)} | ${at(frames, 0.95)} | ${at(frames, 0.99)} | ${(at(frames, 0.5) / at(nothing, 0.5)).toFixed(2)} |`)

await browser.close()
await new Promise((ended) => {
  server.on('exit', ended)
  server.kill('SIGTERM')
})
rmSync(work, { recursive: true, force: true })
