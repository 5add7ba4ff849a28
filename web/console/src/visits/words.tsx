import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, type Tone } from '../ui'
import { standOf, type Stand, type Visit } from './month'

/** useStands says in a word how visits stand. */
export function useStands(): Record<Stand, string> {
  const t = useT()
  return {
    met: t('见到', 'Met'), unmet: t('未见到', 'Not met'), open: t('待走访', 'To visit'), overdue: t('逾期', 'Overdue'), missed: t('未走访', 'Missed'), cancelled: t('已取消', 'Cancelled'),
  }
}

const tones: Record<Stand, Tone> = { met: 'good', unmet: 'warn', open: 'info', overdue: 'danger', missed: 'danger', cancelled: 'plain' }

/** VisitBadge says how a visit stands, and how it went. */
export function VisitBadge({ visit }: { visit: Visit }) {
  const t = useT()
  const word = useWords()
  const names = useStands()
  const stand = standOf(visit)
  const rejected = visit.result === 'met' && stand === 'unmet'
  const text = rejected ? t('凭证不通过', 'Proof rejected') : visit.result ? word('VisitResult', visit.result) : visit.state === 'checked_in' ? word('VisitState', 'checked_in') : names[stand]
  return <Badge tone={tones[stand]}>{text}</Badge>
}
