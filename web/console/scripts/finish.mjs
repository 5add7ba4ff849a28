// What is left to do after Vite: the page of the contract, the hashes that the content security policy names, and every
// file compressed ahead, so that no request pays for it.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const built = new URL('../../built/', import.meta.url).pathname

// /docs is Redoc, from its package, and what starts it.
rmSync(join(built, 'docs'), { recursive: true, force: true })
mkdirSync(join(built, 'docs'), { recursive: true })
const redoc = (name) => readFileSync(new URL(`../node_modules/redoc/${name}`, import.meta.url), 'utf8')
const logo = 'https://cdn.redoc.ly/redoc/logo-mini.svg' // every view would fetch it; the page leaves out what is no address
const bundle = redoc('bundles/redoc.standalone.js')
if (!bundle.includes(logo)) throw new Error('redoc has its logo elsewhere: see what the page of the contract fetches now')
writeFileSync(join(built, 'docs/redoc.js'), bundle.replaceAll(logo, 'data:,').replace(/^\/\/# sourceMappingURL=.*$/m, ''))
writeFileSync(join(built, 'docs/LICENSE.txt'), `${redoc('LICENSE')}\nThird-party parts of the bundle:\n${redoc('bundles/redoc.standalone.js.LICENSE.txt')}`)
for (const name of ['index.html', 'docs.css', 'docs.js']) cpSync(new URL(`../../docs/${name}`, import.meta.url), join(built, 'docs', name))

// react-aria writes style elements of its own, which the content security policy allows by their hashes: the texts are in
// its sources, where a constant may stand in for a name.
const files = (dir) => readdirSync(dir).flatMap((n) => (statSync(join(dir, n)).isDirectory() ? files(join(dir, n)) : [join(dir, n)]))
const styles = new Set()
for (const file of files(new URL('../node_modules/react-aria/dist/private', import.meta.url).pathname).filter((f) => f.endsWith('.mjs'))) {
  const source = readFileSync(file, 'utf8')
  for (const [, text] of source.matchAll(/\bstyle\.textContent = `([^`]*)`\.trim\(\)/g))
    styles.add(text.trim().replace(/\$\{([$\w]+)\}/g, (_, name) => source.split(`const ${name} = '`)[1].split("'")[0]))
}
if (!styles.size) throw new Error('react-aria writes its styles in another way: see what the policy must allow now')
const hashes = [...styles].map((s) => `'sha256-${createHash('sha256').update(s).digest('base64')}'`)
writeFileSync(join(built, 'console/csp.json'), JSON.stringify({ style: hashes }) + '\n')

for (const file of files(built).filter((f) => /\.(js|mjs|css|html|svg|json)$/.test(f) && !f.endsWith('csp.json'))) {
  const bytes = readFileSync(file)
  if (bytes.length < 1024) continue
  writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }))
  writeFileSync(file + '.br', brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
