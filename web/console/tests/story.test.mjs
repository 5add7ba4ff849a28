// A report from end to end: a resident's, on the lead's open map within a second, accepted, dispatched and closed there.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask, colour, desk, flawless, look, open, token } from './world.mjs'

after(async () => (await open()).close())

const lead = 'grid_lead'
const resident = '13800000001'
const worker = 'outreach_worker'

/** leadsCell is a cell of the demonstration's grid lead. */
async function leadsCell() {
  const { body: me } = await ask(await token(lead), 'GET', '/v1/me')
  const { body: cell } = await ask(await token(lead), 'GET', `/v1/cells/${me.posts[0].cell.code}`)
  return cell
}

const report = async (position, title) => {
  const { status, body } = await ask(await token(resident), 'POST', '/v1/tickets', { category: 'pipe_dispute', title, position })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

/** figure waits until the panel of a cell says so many. */
const figure = (page, code, n) => page.waitForFunction(([c, want]) => Number(document.querySelector(`[data-cell="${c}"] [data-figure]`)?.textContent) === want, [code, n])

/** act does a step as its form asks. */
async function act(page, name, fill) {
  await page.getByRole('group', { name: '可办理的操作' }).getByRole('button', { name, exact: true }).click()
  const form = page.getByRole('dialog', { name })
  await fill?.(form)
  await form.getByRole('button', { name, exact: true }).click()
  await form.waitFor({ state: 'detached' })
}

test('a report appears on the open map, is seen through there, and the timeline tells', async () => {
  const cell = await leadsCell()
  const page = await look(lead, { path: `/console/map?cell=${cell.code}&figure=open`, size: desk })
  const shown = page.locator(`[data-cell="${cell.code}"] [data-figure]`).first()
  await shown.waitFor()
  const before = Number(await shown.textContent())

  const title = `消防通道被占 ${crypto.randomUUID().slice(0, 8)}`
  const ticket = await report({ ...cell.centre, accuracyM: 5 }, title)
  await figure(page, cell.code, before + 1)
  await page.getByRole('link', { name: title }).click()
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()

  await act(page, '立案')
  await act(page, '派遣', (form) => form.getByText('演示网格员').first().click())
  const mine = await token(worker) // on a phone, while the page is open
  for (const body of [{ action: 'start' }, { action: 'resolve', outcome: 'fixed' }]) {
    const { status, body: answer } = await ask(mine, 'POST', `/v1/tickets/${ticket.id}/transitions`, body)
    assert.equal(status, 200, JSON.stringify(answer))
  }
  await act(page, '核查结案', async (form) => {
    await form.getByRole('button', { name: /核查方式/ }).click()
    await page.getByRole('option', { name: '现场' }).click()
  })
  for (const step of ['已立案', '已派遣', '处置中', '已反馈', '已结案']) await page.getByRole('main').getByText(step).first().waitFor()

  await page.goBack()
  await figure(page, cell.code, before)
  await flawless(page, 'the story')
  await page.context().close()
})

test('the colour of a cell changes while it is looked at', async () => {
  const { body: cells } = await ask(await token('street_manager'), 'GET', '/v1/cells?area=320508018&limit=500')
  let quiet
  for (const c of cells.items) if (!quiet && (await ask(await token('street_manager'), 'GET', `/v1/tickets?cell=${c.code}&state=reported,accepted,dispatched,in_progress,resolved,suspended,awaiting_reporter&limit=1`)).body.items?.length === 0) quiet = c
  assert.ok(quiet, 'a cell without open tickets')
  const page = await look('street_manager', { path: `/console/map?figure=open&m=16/${quiet.centre.lat}/${quiet.centre.lon}`, size: desk })
  await page.locator('[data-map="idle"]').waitFor()
  const before = await colour(page, 'main canvas')
  await report({ ...quiet.centre, accuracyM: 5 }, '地砖松动')
  for (let was = before; Math.hypot(...was.map((v, i) => v - before[i])) < 6; was = await colour(page, 'main canvas')) await page.waitForTimeout(100)
  await flawless(page, 'colours')
  await page.context().close()
})
