import { ClipboardList } from 'lucide-react'
import { useState } from 'react'
import { $api, session, useSession } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Blank, Button, Loaded, Time } from '../ui'
import { StateBadge } from '../work/ticket'
import { PhoneSignIn } from './PhoneSignIn'
import { Follow, useFollowed } from './follow'
import { useCategoryName } from './NearbyPanel'
import { stageOf, tones } from './states'
import css from './public.module.css'

/** MinePanel is what the reader reported and follows. */
export function MinePanel({ onReport }: { onReport: () => void }) {
  const t = useT()
  const word = useWords()
  const { name } = useCategoryName()
  const { status, account } = useSession()
  const mine = $api.useQuery('get', '/v1/tickets', { params: { query: { mine: true, limit: 50 } } }, { enabled: status === 'in', select: (d) => d.items.filter((x) => 'number' in x) })
  const followed = useFollowed()
  const [opened, setOpened] = useState('')
  if (status === 'unknown') return null
  if (status !== 'in') return <PhoneSignIn why={t('登录后可查看您上报和关注的诉求。', 'Sign in to see what you reported and follow.')} />
  return (
    <div className={css.stack}>
      <div className={css.row}><span className="muted">{account?.name || account?.phone}</span><Button size="small" variant="quiet" onPress={() => void session.signOut('/map')}>{t('退出登录', 'Sign out')}</Button></div>
      <h2>{t('我上报的', 'What I reported')}</h2>
      <Loaded of={mine}>
        {(items) => items.length === 0
          ? <Blank icon={<ClipboardList size={36} strokeWidth={1.4} aria-hidden />} title={t('您还没有上报过', 'You have reported nothing yet')} action={<Button variant="primary" onPress={onReport}>{t('去上报', 'Report something')}</Button>} />
          : (
            <ul className={css.list}>
              {items.map((x) => (
                <li key={x.id} className={css.item} data-chosen={x.id === opened || undefined}>
                  <button type="button" className={css.pick} aria-expanded={x.id === opened} onClick={() => setOpened(x.id === opened ? '' : x.id)}>
                    <span className={css.text}><b>{x.title}</b><small>{x.number} · {name(x.category)}</small></span>
                    <StateBadge state={x.state} />
                  </button>
                  {x.id === opened && <Steps id={x.id} dueAt={x.dueAt} />}
                </li>
              ))}
            </ul>
          )}
      </Loaded>
      <h2>{t('我关注的', 'What I follow')}</h2>
      <Loaded of={followed} lines={2}>
        {(items) => items.length === 0
          ? <p className="muted">{t('在「身边诉求」里可以关注', 'Follow something among what is nearby')}</p>
          : (
            <ul className={css.list}>
              {items.map((x) => {
                const of = x.ticket ?? x.public
                return (
                  <li key={x.follow} className={css.item}>
                    <div className={css.pick}>
                      <span className={css.text}><b>{x.ticket?.title ?? (of ? name(of.category) : t('已不再公开', 'No longer public'))}</b><small><Time at={x.followedAt} as="ago" /></small></span>
                      {of && <Badge tone={tones[stageOf(of.state)]}>{word('TicketState', of.state)}</Badge>}
                    </div>
                    {of && <div className={css.more}><Follow id={of.id} onSignIn={() => {}} /></div>}
                  </li>
                )
              })}
            </ul>
          )}
      </Loaded>
    </div>
  )
}

function Steps({ id, dueAt }: { id: string; dueAt: string | null }) {
  const t = useT()
  const steps = $api.useQuery('get', '/v1/tickets/{id}/timeline', { params: { path: { id }, query: { limit: 100 } } })
  return (
    <div className={css.more}>
      {dueAt && <p className="muted">{t('应办结：', 'Due: ')}<Time at={dueAt} /></p>}
      <Loaded of={steps} lines={3}>{(page) => <ol className={css.steps}>{page.items.map((s) => <li key={s.number}><b>{s.text}</b><small><Time at={s.at} /></small></li>)}</ol>}</Loaded>
    </div>
  )
}
