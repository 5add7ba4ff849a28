import { useState } from 'react'
import { api, isProblem, session } from '../api'
import { useT } from '../i18n'
import { Button, Notice, TextField } from '../ui'
import css from './public.module.css'

/** PhoneSignIn signs in by a code to a phone, where somebody is: what stands beside it stays as it is. */
export function PhoneSignIn({ why, onBack }: { why: string; onBack?: () => void }) {
  const t = useT()
  const [phone, setPhone] = useState('')
  const [code, setCode] = useState('')
  const [sent, setSent] = useState('')
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState<'' | 'code' | 'in'>('')
  const trying = async (what: 'code' | 'in', deed: () => Promise<string>) => {
    setBusy(what)
    setWrong('')
    setWrong(await deed().catch(() => t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later')))
    setBusy('')
  }
  const send = () => trying('code', async () => {
    const { error } = await api.POST('/v1/codes', { body: { phone } })
    if (error) return isProblem(error) ? (error.errors?.[0]?.detail ?? error.detail) : t('没有发出', 'It was not sent')
    setSent(phone)
    return ''
  })
  const enter = () => trying('in', async () => (await session.signIn({ phone, code }))?.detail ?? '')
  return (
    <form className={css.stack} onSubmit={(e) => { e.preventDefault(); void enter() }}>
      <p>{why}</p>
      <TextField label={t('手机号', 'Mobile phone')} name="phone" type="tel" inputMode="tel" autoComplete="tel-national" value={phone} onChange={setPhone} isRequired />
      <div className={css.code}>
        <TextField label={t('验证码', 'Code')} name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={setCode} isRequired />
        <Button isPending={busy === 'code'} isDisabled={!phone} onPress={() => void send()}>{sent ? t('重新发送', 'Send again') : t('发送验证码', 'Send a code')}</Button>
      </div>
      {sent && !wrong && <Notice tone="good">{t(`验证码已发往 ${sent}`, `A code was sent to ${sent}`)}</Notice>}
      {wrong && <Notice tone="danger">{wrong}</Notice>}
      <div className={css.row}>
        <Button type="submit" variant="primary" isPending={busy === 'in'} isDisabled={!phone || !code}>{t('登录', 'Sign in')}</Button>
        {onBack && <Button onPress={onBack}>{t('返回修改', 'Back to the report')}</Button>}
      </div>
    </form>
  )
}
