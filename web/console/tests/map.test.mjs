// The map: coloured by a figure, worked by the keyboard through its list, shared by its address, and found by its one field.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessible, desk, flawless, look, open, phone } from './world.mjs'

after(async () => (await open()).close())

/** shades is how many colours of a ramp the picture of the map shows: a blank map is idle too. */
async function shades(page, ramp) {
  const shot = (await page.locator('canvas').first().screenshot()).toString('base64')
  return page.evaluate(async ([png, name]) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))]))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    const seen = new Set()
    for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])
    const colours = getComputedStyle(document.documentElement).getPropertyValue(name).trim().split(/\s+/)
    return colours.filter((c) => seen.has(parseInt(c.slice(1), 16))).length
  }, [shot, ramp])
}

const until = async (page, holds, what) => {
  for (let i = 0; i < 120; i++) {
    if (await holds()) return
    await page.waitForTimeout(250)
  }
  assert.fail(what)
}

for (const { theme, lang, figure, close } of [
  { theme: 'light', lang: 'zh-CN', figure: '超期工单', close: '关闭' },
  { theme: 'dark', lang: 'en', figure: 'Overdue tickets', close: 'Close' },
])
  test(`coloured, opened by the keyboard, shared and gone back from: ${lang}, ${theme}`, async () => {
    const page = await look('street_manager', { path: '/console/', size: desk, lang, theme })
    const rows = page.getByRole('grid').getByRole('row')
    await rows.first().waitFor()
    await until(page, async () => (await shades(page, '--ramp-warm')) >= 3, 'the map shows its colours')

    const name = await rows.first().locator('span').first().textContent()
    await rows.first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name, exact: true }).waitFor()
    await page.waitForFunction(() => /[?&]cell=\d+/.test(location.search) && /[?&]m=/.test(location.search))
    await page.locator('[data-cell] [data-figure]').first().waitFor()
    await accessible(page, 'a cell beside the map')

    const shared = await page.context().newPage()
    await shared.goto(page.url())
    await shared.getByRole('heading', { name, exact: true }).waitFor()
    await shared.close()

    await page.goBack()
    await rows.first().waitFor()
    await page.getByRole('button', { name: new RegExp(lang === 'en' ? 'Open tickets' : '在办工单') }).click()
    await page.getByRole('option', { name: figure, exact: true }).click()
    await page.waitForFunction(() => /[?&]figure=overdue/.test(location.search))
    await accessible(page, 'the map')
    assert.equal(await page.getByRole('button', { name: close, exact: true }).count(), 0)
    await flawless(page, 'the map')
    await page.context().close()
  })

test('the one field brings a phone to a cell', async () => {
  const page = await look('street_manager', { path: '/console/', size: phone })
  await page.getByRole('combobox').first().fill('察院场第2')
  await page.getByRole('option', { name: /察院场第2网格/ }).first().click()
  await page.getByRole('heading', { name: '察院场第2网格' }).waitFor()
  await page.waitForFunction(() => /[?&]cell=320508018014002/.test(location.search))
  assert.equal(await page.getByRole('listbox').count(), 0, 'the answers are put away')
  await accessible(page, 'a cell on a phone')
  await flawless(page, 'the search')
  await page.context().close()
})
