import { Bell, BellOff } from 'lucide-react'
import { useState } from 'react'
import { $api, api, isProblem, useSession } from '../api'
import { useT } from '../i18n'
import { Button, Notice, said } from '../ui'
import { useAfresh } from '../work/deed'

/** useFollowed is what the reader follows; nothing while nobody is signed in. */
export function useFollowed() {
  const signedIn = useSession().status === 'in'
  return $api.useQuery('get', '/v1/tickets', { params: { query: { followed: true, limit: 200 } } }, { enabled: signedIn, select: (d) => d.items.filter((i) => 'follow' in i) })
}

/** Follow follows a ticket, or no more, by the id that the reader knows it by. */
export function Follow({ id, onSignIn }: { id: string; onSignIn: () => void }) {
  const t = useT()
  const signedIn = useSession().status === 'in'
  const followed = useFollowed()
  const afresh = useAfresh()
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const on = followed.data?.some((f) => f.public?.id === id || f.ticket?.id === id)
  const change = async () => {
    if (!signedIn) return onSignIn()
    setBusy(true)
    const params = { path: { id } }
    try {
      const { error } = on ? await api.DELETE('/v1/tickets/{id}/followers/me', { params }) : await api.PUT('/v1/tickets/{id}/followers/me', { params, body: {} })
      setWrong(error ? (isProblem(error) ? error.detail : t('没有办成', 'It did not work')) : '')
      if (!error) said(on ? t('已取消关注', 'You follow it no more') : t('已关注，有进展会告知您', 'You follow it and will be told how it goes'))
    } catch {
      setWrong(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
    afresh('/v1/tickets')
  }
  return (
    <>
      <Button size="small" isPending={busy} onPress={() => void change()}>{on ? <BellOff size={15} aria-hidden /> : <Bell size={15} aria-hidden />}{on ? t('取消关注', 'Unfollow') : t('关注', 'Follow')}</Button>
      {wrong && <Notice tone="danger">{wrong}</Notice>}
    </>
  )
}
