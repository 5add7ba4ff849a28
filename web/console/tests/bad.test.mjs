// What goes wrong: hostile text, a session that ends while somebody writes, a step that another was faster with, what a role may
// not see, a server that is gone and comes back, a cell redrawn under the eyes of two.
import assert from 'node:assert/strict'
import net from 'node:net'
import { after, test } from 'node:test'
import { ask, base, desk, flawless, look, open, token } from './world.mjs'

after(async () => (await open()).close())

const script = '<img src=x onerror=alert(1)><script>alert(2)</script>'

async function ticket(title) {
  const lead = await token('grid_lead')
  const { body: me } = await ask(lead, 'GET', '/v1/me')
  const { body: cell } = await ask(lead, 'GET', `/v1/cells/${me.posts[0].cell.code}`)
  const { status, body } = await ask(await token('13800000002'), 'POST', '/v1/tickets', { category: 'pipe_dispute', title, position: { ...cell.centre, accuracyM: 5 } })
  assert.equal(status, 201, JSON.stringify(body))
  return { ...body, cell: cell.code }
}

const begin = async (page, name) => {
  await page.getByRole('group', { name: '可办理的操作' }).getByRole('button', { name, exact: true }).click()
  const form = page.getByRole('dialog', { name })
  await form.waitFor()
  return form
}

test('a script in a title and in the name of an organisation is text', async () => {
  const manager = await token('street_manager')
  const made = await ask(manager, 'POST', '/v1/organisations', { name: script, kind: 'other', street: '320508018' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const bad = await ticket(script)
  const { status, body } = await ask(manager, 'POST', `/v1/tickets/${bad.id}/transitions`, { action: 'accept' })
  assert.equal(status, 200, JSON.stringify(body))
  const page = await look('street_manager', { path: '', size: desk })
  page.on('dialog', () => page.faults.push('a script ran'))
  for (const path of [`/tickets/${bad.id}`, '/tickets?sort=-createdAt', `/map?cell=${bad.cell}`]) {
    await page.goto(`/console${path}`)
    await page.getByText('onerror=alert(1)').locator('visible=true').first().waitFor()
  }
  await page.goto(`/console/tickets/${bad.id}`)
  const form = await begin(page, '派遣')
  await form.getByText('onerror=alert(1)').locator('visible=true').last().waitFor()
  assert.equal(await page.locator('img[src="x"]').count(), 0)
  await flawless(page, 'scripts are text')
  await page.context().close()
})

test('a session that ends in the middle of a form loses nothing', async () => {
  const one = await ticket('水管爆裂')
  const page = await look('grid_lead', { path: `/console/tickets/${one.id}` })
  const form = await begin(page, '立案')
  await form.getByRole('textbox', { name: '说明' }).fill('已联系自来水公司')
  assert.equal((await page.context().request.delete('/v1/sessions/browser', { headers: { Origin: base } })).status(), 204)
  const sent = form.getByRole('button', { name: '立案', exact: true }).click() // at once, or where the stream was faster, after
  const again = page.getByRole('alertdialog', { name: '登录已过期' })
  await again.getByLabel('密码').fill('wangge-demo')
  await again.getByRole('button', { name: '登录' }).click()
  await sent
  await form.waitFor({ state: 'detached' })
  await page.getByRole('main').getByText('已联系自来水公司').first().waitFor()
  await flawless(page, 'the session that ended')
  await page.context().close()
})

test('who comes second is told what it is now', async () => {
  const one = await ticket('屋顶漏水')
  const page = await look('grid_lead', { path: `/console/tickets/${one.id}` })
  const form = await begin(page, '立案')
  const { status } = await ask(await token('street_manager'), 'POST', `/v1/tickets/${one.id}/transitions`, { action: 'reject', reason: '重复上报' })
  assert.equal(status, 200)
  await form.getByText('工单已有变化').waitFor()
  await form.getByRole('button', { name: '立案', exact: true }).click()
  await form.getByText('不予立案').first().waitFor()
  await flawless(page, 'the second')
  await page.context().close()
})

test('what a role may not see is said, and what is out of reach is not there', async () => {
  const page = await look('outreach_worker', { path: '/console/journal' })
  await page.getByRole('heading', { name: '您没有这项权限' }).waitFor()
  await page.goto('/console/tickets/0190a5b0-0000-4000-8000-000000000000')
  await page.getByRole('heading', { name: '没有找到' }).waitFor()
  await page.goto('/console/nowhere')
  await page.getByRole('heading', { name: '没有这个页面' }).waitFor()
  await flawless(page, 'denied')
  await page.context().close()
})

test('an address that makes no sense shows what there is, and a cell out of reach is not there', async () => {
  const page = await look('street_manager', { path: '' })
  let asked = 0
  page.on('request', (r) => r.url().endsWith('/v1/cells/999999999999999') && asked++)
  await page.goto('/console/map?cell=999999999999999')
  await page.getByRole('heading', { name: '没有找到' }).waitFor()
  assert.ok(asked < 9, `it is asked for ${asked} times`)
  await page.goto('/console/map?m=99/999/999')
  await page.locator('main canvas').waitFor()
  await page.goto('/console/tickets?from=2026-99-99&to=x')
  await page.getByText(/^共 \d+ 件/).first().waitFor()
  await page.goto('/map?at=999,999')
  await page.getByRole('heading', { name: '您在哪里？' }).waitFor()
  await flawless(page, 'odd addresses')
  await page.context().close()
})

/** gate is a way to the server that can be shut: what a browser sees of a server that is gone. */
async function gate() {
  const { hostname, port } = new URL(base)
  const sockets = new Set()
  let shut = false
  const server = net.createServer((from) => {
    if (shut) return from.destroy()
    const to = net.connect(Number(port), hostname)
    for (const s of [from, to]) {
      sockets.add(s)
      s.on('error', () => {})
      s.on('close', () => (from.destroy(), to.destroy(), sockets.delete(s)))
    }
    from.pipe(to).pipe(from)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    shut() {
      shut = true
      for (const s of sockets) s.destroy()
    },
    open: () => (shut = false),
    close() {
      this.shut()
      server.close()
    },
  }
}

test('a server that is gone and comes back is noticed, and the page goes on', async () => {
  const way = await gate()
  const page = await look('grid_lead', { path: '/console/tickets', at: way.url })
  await page.getByRole('heading', { name: '工单', level: 1 }).waitFor()
  way.shut()
  await page.getByText('与服务器的连接中断').waitFor()
  way.open()
  await page.getByText('与服务器的连接中断').waitFor({ state: 'detached' })
  const one = await ticket(`回来之后 ${crypto.randomUUID().slice(0, 8)}`)
  await page.getByText(one.title).first().waitFor() // heard by the stream, which is open again
  const faults = (await page.faults()).filter((f) => !/ERR_(CONNECTION|EMPTY)/.test(f))
  assert.deepEqual(faults, [])
  await page.context().close()
  way.close()
})

test('a cell that one manager splits changes under the eyes of the other, who is told that they were second', async () => {
  const manager = await token('street_manager')
  const { body: cells } = await ask(manager, 'GET', '/v1/cells?area=320508018&limit=500')
  const cell = cells.items.filter((c) => c.kind === 'basic').at(-1)
  const page = await look('street_manager', { path: `/console/map?m=16/${cell.centre.lat}/${cell.centre.lon}` }) // with the list of what is in view
  await page.locator('main').getByText(cell.name).first().waitFor()
  const [w, , e] = cell.bbox
  const line = { type: 'LineString', coordinates: [[w - 0.001, cell.centre.lat], [e + 0.001, cell.centre.lat]] }
  const split = (name) => fetch(`${base}/v1/cells/${cell.code}/split`, {
    method: 'POST', headers: { Authorization: `Bearer ${manager}`, 'Content-Type': 'application/geo+json', 'If-Match': `"${cell.version}"` },
    body: JSON.stringify({ type: 'Feature', geometry: line, properties: { name } }),
  })
  const first = await split('新划网格甲')
  assert.equal(first.status, 200, await first.clone().text())
  assert.equal((await split('新划网格乙')).status, 412)
  await page.locator('main').getByText('新划网格甲').first().waitFor()
  await flawless(page, 'two managers')
  await page.context().close()
})
