import { useState } from 'react'
import { session, useSession } from '../api'
import { useLanguage, useT } from '../i18n'
import { Button, Dialog, Notice, TextField } from '../ui'
import css from './app.module.css'

/** SignIn is the first page of who is not signed in. */
export function SignIn() {
  const { lang, setLang, t } = useLanguage()
  return (
    <main className={css.door}>
      <title>{t('登录 · 网格管理', 'Sign in · Wangge')}</title>
      <div className={css.doorCard}>
        <img src="/console/icon.svg" width={44} height={44} alt="" />
        <h1>{t('网格管理', 'Wangge')}</h1>
        <p className="muted">{t('街道、社区与网格的日常工作', 'The daily work of streets, communities and cells')}</p>
        <Form />
        <Button variant="quiet" size="small" onPress={() => setLang(lang === 'en' ? 'zh-CN' : 'en')}>{t('English', '中文')}</Button>
      </div>
    </main>
  )
}

/** SignInAgain stands over a page whose session has ended: what was begun on it goes on after. */
export function SignInAgain() {
  const t = useT()
  const { account } = useSession()
  return (
    <Dialog title={t('登录已过期', 'Your session has ended')} role="alertdialog">
      <p>{t('请重新登录，页面上填写的内容都还在。', 'Sign in again: what you have written on this page is still there.')}</p>
      <Form username={account?.username ?? undefined} />
    </Dialog>
  )
}

function Form({ username: known }: { username?: string }) {
  const t = useT()
  const [username, setUsername] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    setWrong('')
    try {
      setWrong((await session.signIn({ username, password }))?.detail ?? '')
    } catch {
      setWrong(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
  }
  return (
    <form className={css.doorForm} onSubmit={(e) => { e.preventDefault(); void submit() }}>
      <TextField label={t('用户名', 'User name')} name="username" autoComplete="username" value={username} onChange={setUsername} isReadOnly={!!known} autoFocus={!known} isRequired />
      <TextField label={t('密码', 'Password')} name="password" type="password" autoComplete="current-password" value={password} onChange={setPassword} autoFocus={!!known} isRequired />
      {wrong && <Notice tone="danger">{wrong}</Notice>}
      <Button type="submit" variant="primary" isPending={busy}>{t('登录', 'Sign in')}</Button>
    </form>
  )
}
