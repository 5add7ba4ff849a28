import { useEffect, useState } from 'react'
import { type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, type Tone } from '../ui'
import { usePrinting } from '../ui/narrow'
import css from './work.module.css'

export type Ticket = Schemas['Ticket']

const tones: Record<string, Tone> = {
  reported: 'info', awaiting_reporter: 'warn', accepted: 'info', dispatched: 'accent', in_progress: 'accent', suspended: 'warn', resolved: 'good', split: 'accent', closed: 'plain', rejected: 'plain', withdrawn: 'plain', merged: 'plain',
}

export function StateBadge({ state }: { state: string }) {
  const word = useWords()
  return <Badge tone={tones[state] ?? 'plain'}>{word('TicketState', state)}</Badge>
}

/** UrgencyBadge is shown of what is urgent only. */
export function UrgencyBadge({ urgency }: { urgency: string }) {
  const word = useWords()
  if (urgency === 'normal') return null
  return <Badge tone={urgency === 'critical' ? 'danger' : 'warn'}>{word('Urgency', urgency)}</Badge>
}

/** useNow is the time, told anew each half minute: what is left of a deadline shrinks while it is looked at. */
export function useNow() {
  const [now, set] = useState(() => Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => set(Date.now()), 30_000)
    return () => window.clearInterval(timer)
  }, [])
  return now
}

/** Due says how much is left until a deadline, or by how much it is over. */
export function Due({ at, over }: { at: string | null | undefined; over?: boolean }) {
  const t = useT()
  const f = useFormats()
  const now = useNow()
  const printing = usePrinting()
  if (!at) return <span className={css.faint}>—</span>
  if (printing) return <time dateTime={at}>{f.time(at)}{(over || Date.parse(at) < now) && t('（超期）', ' (overdue)')}</time>
  const left = (Date.parse(at) - now) / 1000
  if (over || left < 0)
    return <time dateTime={at} title={f.full(at)} className={over === false ? css.faint : css.over}>{left < 0 ? t(`超 ${f.span(left)}`, `${f.span(left)} over`) : f.time(at)}</time>
  return <time dateTime={at} title={f.full(at)} className={left < 86400 ? css.soon : undefined}>{t(`剩 ${f.span(left)}`, `${f.span(left)} left`)}</time>
}

/** placeText is where a ticket lies, the nearest first that tells. */
export const placeText = (p: Schemas['Place']) => [p.street?.name, p.community?.name.replace(/(社区)?居(民)?委(员)?会$/, (s) => (s.startsWith('社区') ? '社区' : '')), p.cell?.name].filter(Boolean).join(' · ')

/** openStates are those in which a ticket is worked on. */
export const openStates = ['reported', 'awaiting_reporter', 'accepted', 'dispatched', 'in_progress', 'suspended', 'resolved', 'split'] as const
export const isOpen = (t: { state: string }) => (openStates as readonly string[]).includes(t.state)

