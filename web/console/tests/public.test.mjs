// The page of whoever lives there: who looks after a place, and a report from a tap on the map to its timeline.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessible, desk, flawless, look, open, phone } from './world.mjs'

after(async () => (await open()).close())

const place = '31.31125,120.62497' // in a cell of the demonstration's lead

test('anybody is told who works in a place, and what is reported there', async () => {
  for (const [size, lang, theme] of [[phone, 'zh-CN', 'light'], [desk, 'en', 'dark']]) {
    const page = await look('', { path: `/map?at=${place}`, size, lang, theme })
    await page.getByRole('link', { name: /0512-/ }).first().waitFor()
    assert.equal(await page.locator('main').getByText('演示网格长').count(), 1)
    await accessible(page, `my grid worker, ${lang}`)
    await page.getByRole('tab').nth(1).click()
    await page.locator('main li button').first().waitFor()
    await accessible(page, `nearby, ${lang}`)
    await flawless(page, `the public page, ${lang}`)
    await page.context().close()
  }
})

test('without a place in the address the map shows all there is, and rests', async () => {
  const page = await look('', { path: '/map?tab=nearby', size: phone })
  await page.locator('main li button').first().waitFor() // the list follows the map's view
  await page.getByRole('tab').first().click()
  await page.getByRole('button', { name: '放大' }).click()
  await accessible(page, 'no place yet')
  await flawless(page, 'no place yet')
  await page.context().close()
})

test('a report is written first and signed in for later, and nothing of it is lost', async () => {
  const page = await look('', { path: `/map?tab=report&at=${place}`, size: phone })
  const title = `<img src=x onerror=alert(1)> ${crypto.randomUUID().slice(0, 8)}`
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('请选择类别').waitFor()
  await page.getByRole('button', { name: /类别/ }).click()
  await page.getByRole('option', { name: '噪声' }).click()
  await page.getByLabel('什么事').fill(title)
  await page.getByRole('button', { name: '下一步' }).click()
  await accessible(page, 'signing in')
  await page.getByLabel('手机号').fill('13800000002')
  await page.getByLabel('验证码').fill('123456') // a slip
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('验证码').fill('000000')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: /提交上报/ }).click()
  await page.getByText('受理编号').waitFor()
  await page.getByRole('button', { name: '查看进展' }).click()
  await page.getByText(title).click()
  await page.locator('main ol li').first().waitFor()
  await accessible(page, 'own reports')
  await flawless(page, 'a report')
  await page.context().close()
})
