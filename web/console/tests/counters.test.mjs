// What managers and counters do with visits and cases: a doubtful proof is rejected, materials are asked for, a look at somebody's
// phone is on the journal.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessible, ask, desk, flawless, look, open, phone, token } from './world.mjs'

after(async () => (await open()).close())

test('a doubtful proof is rejected with a reason, and leaves the queue', async () => {
  const waiting = async () => (await ask(await token('street_manager'), 'GET', '/v1/stops?queue=review&limit=500')).body.items
  const [stop] = (await waiting()).filter((s) => s.allowed.includes('review'))
  const page = await look('street_manager', { path: `/console/visits/review?stop=${stop.id}`, size: desk })
  const panel = page.locator('section', { has: page.getByRole('heading', { name: stop.household.address.text }) })
  await panel.getByRole('img').waitFor() // where it was, to scale
  await panel.getByRole('button', { name: '不通过' }).click()
  await panel.getByText('请说明理由').waitFor()
  await panel.getByRole('textbox').fill('住户说没有人来过')
  await accessible(page, 'the review')
  await panel.getByRole('button', { name: '不通过' }).click()
  await page.getByText('已不通过').waitFor()
  const after = (await ask(await token('street_manager'), 'GET', `/v1/stops/${stop.id}`)).body
  assert.deepEqual([after.proof.state, after.proof.note], ['rejected', '住户说没有人来过'])
  assert.equal((await waiting()).some((s) => s.id === stop.id), false)
  await flawless(page, 'the review')
  await page.context().close()
})

test('a counter asks for materials and looks at a phone, on a phone, and the journal tells', async () => {
  const cases = (await ask(await token('counter_worker'), 'GET', '/v1/intake-cases?state=in_review,accepted&limit=100')).body.items
  const matter = cases.find((c) => !c.sensitive && c.whole.allowed.includes('ask_material') && c.whole.applicant.phone)
  const page = await look('counter_worker', { path: `/console/cases/${matter.id}`, size: phone })
  await page.getByRole('button', { name: '通知补正材料' }).click()
  await page.getByLabel('所缺材料与条件').fill('户口簿\n居民身份证')
  await page.locator('form').getByRole('button', { name: '通知补正材料' }).click()
  await page.getByRole('heading', { name: '所缺材料与条件' }).waitFor()
  const reason = `通知补正 ${crypto.randomUUID().slice(0, 8)}`
  await page.getByRole('button', { name: '说明用途后查看' }).click()
  await page.getByRole('dialog').getByLabel('用途').fill(reason)
  await page.getByRole('dialog').getByRole('button', { name: '查看', exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText(/^1\d{10}$/).waitFor()
  await accessible(page, 'the case')
  await flawless(page, 'the case')
  const after = (await ask(await token('counter_worker'), 'GET', `/v1/intake-cases/${matter.id}`)).body
  assert.deepEqual([after.state, after.whole.missing], ['needs_material', ['户口簿', '居民身份证']])
  await page.context().close()

  const journal = await look('admin', { path: `/console/journal?view=looks&street=${after.whole.place.street.code}`, size: desk })
  await journal.getByRole('row').filter({ hasText: reason }).getByText('演示全科社工').waitFor()
  await flawless(journal, 'the journal')
  await journal.context().close()
})

test('a month of visits: a day is chosen by the keyboard, and what nobody may do is not offered', async () => {
  const page = await look('community_manager', { path: '/console/visits', size: desk, lang: 'en' })
  await page.locator('[aria-busy=false]').waitFor() // the month is counted
  const month = page.getByRole('region', { name: 'Calendar of visits' })
  const chosen = month.locator('button[aria-pressed=true]')
  const day = await chosen.getAttribute('data-day')
  const first = day.endsWith('-01')
  await chosen.focus()
  await page.keyboard.press(first ? 'ArrowRight' : 'ArrowLeft')
  await page.keyboard.press('Enter')
  const beside = new Date(Date.parse(day) + (first ? 1 : -1) * 86_400_000).toISOString().slice(0, 10)
  await month.locator(`[data-day="${beside}"][aria-pressed=true]`).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('day'), beside, 'the view is in the address')
  await flawless(page, 'visits')
  await page.context().close()
  const counter = await look('counter_worker', { path: '/console/visits', size: phone })
  await counter.getByText('您没有这项权限').waitFor()
  await flawless(counter, 'visits that are denied')
  await counter.context().close()
})
