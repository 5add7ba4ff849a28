// Every page of the console, as roles see it: whole, accessible, without an error, at a desk and on a phone.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessible, desk, flawless, look, open, phone, settled } from './world.mjs'

after(async () => (await open()).close())

const pages = ['/map', '/todo', '/tickets', '/visits', '/visits/review', '/cases', '/stations', '/deployment', '/journal', '/inbox']
const looks = [
  { who: 'street_manager', size: desk, lang: 'zh-CN', theme: 'light' },
  { who: 'community_manager', size: phone, lang: 'en', theme: 'dark' },
]

for (const { who, ...how } of looks)
  test(`${who}, ${how.size.width} px, ${how.lang}, ${how.theme}`, async () => {
    const page = await look(who, { ...how, path: '' })
    for (const path of pages) {
      await page.goto(`/console${path}`)
      await settled(page)
      await accessible(page, path)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(wide <= 0, `${path} is ${wide} px wider than the screen`)
    }
    await flawless(page, who)
    await page.context().close()
  })

test('nobody signed in is asked to', async () => {
  const page = await look('', { path: '/console/tickets' })
  await page.getByRole('textbox', { name: '用户名' }).fill('street_manager')
  await page.getByLabel('密码').fill('wrong-password')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('alert').waitFor()
  await accessible(page, 'sign in')
  await page.getByLabel('密码').fill('wangge-demo')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('navigation').first().waitFor()
  assert.match(page.url(), /\/console\/tickets$/, 'who signed in is where they wanted to go')
  assert.equal(await page.evaluate(() => Object.values(localStorage).join() + document.cookie + JSON.stringify(sessionStorage)).then((s) => /\.[\w-]{20,}\./.test(s)), false, 'no script finds a token')
  await flawless(page, 'sign in')
  await page.context().close()
})
