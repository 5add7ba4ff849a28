// The daily work with tickets: who does what where, what is refused and why, and that nothing written is lost.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessible, ask, desk, flawless, look, open, phone, settled, token } from './world.mjs'

after(async () => (await open()).close())

const door = { lon: 120.624971, lat: 31.3112541, datum: 'wgs84', accuracyM: 12 } // in a cell of the demonstration's lead
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
const word = () => crypto.randomUUID().slice(0, 8)

async function reported(title, more = {}) {
  const { status, body } = await ask(await token('outreach_worker'), 'POST', '/v1/tickets', { category: 'other', title, position: door, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

const now = async (ticket) => (await ask(await token('street_manager'), 'GET', `/v1/tickets/${ticket.id}`)).body

/** step takes an action with the ticket that a page shows, as its form asks. */
async function step(page, name, fill) {
  await page.getByRole('group', { name: '可办理的操作' }).getByRole('button', { name, exact: true }).click()
  const form = page.getByRole('dialog')
  await form.waitFor()
  if (fill) await fill(form)
  await form.getByRole('button', { name, exact: true }).click()
  await form.waitFor({ state: 'detached' })
}

const pick = async (page, form, field, option) => {
  await form.locator('button[aria-haspopup=listbox]').and(form.getByRole('button', { name: new RegExp(`${field}$`) })).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('a lead accepts and dispatches, the organisation handles on a phone, the lead closes', async () => {
  const title = `<script>document.title='taken'</script> 楼道灯 ${word()}`
  const ticket = await reported(title)
  const lead = await look('grid_lead', { path: `/console/tickets/${ticket.id}`, size: desk })
  await lead.getByRole('heading', { name: title }).waitFor() // as text
  await step(lead, '立案')
  await step(lead, '派遣', async (form) => {
    await form.getByRole('button', { name: '派遣', exact: true }).click() // without anybody
    await form.getByText('必填').waitFor()
    await form.getByRole('option', { name: /平江物业服务公司/ }).first().click()
  })
  const handler = await look('handler', { path: `/console/tickets/${ticket.id}`, size: phone, theme: 'dark' })
  await step(handler, '开始处置')
  await step(handler, '处置反馈', async (form) => {
    await pick(handler, form, '处置结果', '已解决')
    const [chooser] = await Promise.all([handler.waitForEvent('filechooser'), form.getByRole('button', { name: '选择照片' }).click()])
    await chooser.setFiles({ name: '<img src=x onerror=document.title=1>.png', mimeType: 'image/png', buffer: png })
    await form.getByRole('img', { name: '第 1 张' }).waitFor()
    await accessible(handler, 'a form on a phone')
  })
  await lead.getByRole('group', { name: '可办理的操作' }).getByRole('button', { name: '核查结案', exact: true }).waitFor() // by the stream
  await step(lead, '核查结案', (form) => pick(lead, form, '核查方式', '现场核查'))
  await lead.locator('[data-action=close]').waitFor()
  await accessible(lead, 'a ticket that is closed')
  assert.deepEqual(await lead.locator('[data-action]').evaluateAll((all) => all.map((x) => x.dataset.action).filter((a) => a !== 'photo')), ['report', 'accept', 'dispatch', 'start', 'resolve', 'close'])
  assert.equal((await now(ticket)).state, 'closed')
  for (const page of [lead, handler]) {
    await flawless(page, 'the work')
    await page.context().close()
  }
})

test('what is written in a form outlives the session and a ticket that moves on', async () => {
  const ticket = await reported(`表单 ${word()}`)
  const page = await look('grid_lead', { path: `/console/tickets/${ticket.id}`, size: desk })
  await page.getByRole('button', { name: '不予立案', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('原因').fill('写到一半')
  await ask(await token('dispatcher'), 'POST', `/v1/tickets/${ticket.id}/comments`, { text: '现场看过', internal: true })
  await page.getByText('现场看过').waitFor()
  assert.equal(await form.getByLabel('原因').inputValue(), '写到一半')

  await page.evaluate(() => fetch('/v1/sessions/browser', { method: 'DELETE' }))
  const sent = form.getByRole('button', { name: '不予立案', exact: true }).click() // at once, or where the stream was faster, after
  const again = page.getByRole('alertdialog')
  await again.getByLabel('密码').fill('wangge-demo')
  await again.getByRole('button', { name: '登录' }).click()
  await sent
  await form.waitFor({ state: 'detached' })
  assert.equal((await now(ticket)).state, 'rejected')
  await page.context().close()
})

test('two at one ticket: the later is told how it stands', async () => {
  const ticket = await reported(`两人 ${word()}`)
  const page = await look('grid_lead', { path: `/console/tickets/${ticket.id}`, size: desk })
  await page.getByRole('button', { name: '立案', exact: true }).click()
  const form = page.getByRole('dialog')
  await ask(await token('dispatcher'), 'POST', `/v1/tickets/${ticket.id}/transitions`, { action: 'reject', reason: '不属实' })
  await form.getByText(/现为「不予立案」/).waitFor()
  await form.getByRole('button', { name: '立案', exact: true }).click()
  await form.getByText('当前状态不能进行此操作').waitFor()
  await accessible(page, 'a refusal')
  await flawless(page, 'a refusal')
  await page.context().close()
})

test('many at once, each answered apart', async () => {
  const mark = word()
  const tickets = [await reported(`批量甲 ${mark}`), await reported(`批量乙 ${mark}`)]
  const page = await look('grid_lead', { path: `/console/tickets?q=${mark}`, size: desk })
  await page.getByRole('link', { name: `批量甲 ${mark}` }).waitFor()
  await page.getByRole('checkbox', { name: '全选' }).press('Space')
  await page.getByRole('region', { name: '批量办理' }).getByRole('button', { name: '不予立案', exact: true }).click()
  await page.getByRole('dialog').getByLabel('原因').fill('重复上报')
  // One of them is accepted meanwhile: it is refused, and the other is not.
  await page.route('**/v1/tickets/transitions', async (route) => {
    await ask(await token('dispatcher'), 'POST', `/v1/tickets/${tickets[0].id}/transitions`, { action: 'accept' })
    await route.continue()
  })
  await page.getByRole('dialog').getByRole('button', { name: '不予立案', exact: true }).click()
  await page.getByText('1 件已办理，1 件未能办理').waitFor()
  await accessible(page, 'results')
  assert.deepEqual(await Promise.all(tickets.map(async (x) => (await now(x)).state)), ['accepted', 'rejected'])
  await flawless(page, 'many at once')
  await page.context().close()
})

test('the queues and the inbox lead to what they are about', async () => {
  const page = await look('dispatcher', { path: '/console/todo', size: phone })
  await settled(page)
  await page.getByRole('navigation', { name: '待办队列' }).getByRole('link', { name: /待立案/ }).click()
  await page.locator('main a[href*="/console/tickets/"]').first().click()
  await page.getByRole('group', { name: '可办理的操作' }).getByRole('button', { name: '立案', exact: true }).waitFor()
  await page.goBack()
  await page.waitForURL(/queue=to_accept/)
  await flawless(page, 'queues')
  await page.context().close()
})
