import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { placeOf } from '../work/paths'
import { Badge, Button, Loaded, TextField } from '../ui'
import { DeedDialog, useSend } from './deed'
import css from './linked.module.css'

type One = Schemas['Link']
type Of = 'visit' | 'case'

/** Linked is what a visit or a case has to do with: tickets, cases and visits, as far as the reader may see them. */
export function Linked({ of, id, empty }: { of: Of; id: string; empty?: boolean }) {
  const t = useT()
  const visit = $api.useQuery('get', '/v1/visits/{id}/links', { params: { path: { id } } }, { enabled: of === 'visit' })
  const matter = $api.useQuery('get', '/v1/intake-cases/{id}/links', { params: { path: { id } } }, { enabled: of === 'case' })
  return (
    <Loaded of={of === 'visit' ? visit : matter} lines={2}>
      {(list) =>
        list.items.length === 0 ? (empty ? <p className="muted">{t('没有关联', 'Nothing is linked')}</p> : null) : <ul className={css.list}>{list.items.map((l) => <Row key={l.id} link={l} of={of} id={id} />)}</ul>
      }
    </Loaded>
  )
}

const states: Record<string, string> = { ticket: 'TicketState', 'intake-case': 'IntakeCaseState', visit: 'VisitState', stop: 'StopState' }

function Row({ link, of, id }: { link: One; of: Of; id: string }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const [asks, setAsks] = useState(false)
  const [told, setTold] = useState<Schemas['MatterRevealed']>()
  const { other } = link
  const to = placeOf({ kind: other.thing, id: other.id })
  const name = [other.number, other.about].filter(Boolean).join(' ') || word('LinkedThing', other.thing)
  const kind = link.direction === 'in' && link.kind === 'originated_from' ? t('由此产生', 'Came of this') : word('LinkKind', link.kind)
  return (
    <li>
      <span className={css.main}>
        {to ? <Link to={to}>{name}</Link> : <span>{other.id ? name : `${word('LinkedThing', other.thing)}（${t('敏感事项', 'sensitive')}）`}</span>}
        <Badge>{word(states[other.thing] ?? '', other.state)}</Badge>
        {!link.holds && <Badge tone="warn">{t('已解除', 'Removed')}</Badge>}
      </span>
      <span className={css.sub}>{kind} · {word('LinkedThing', other.thing)} · {f.time(other.changedAt)}</span>
      {told && <span className={css.sub}>{told.number} {told.item.name}{told.applicant.name && ` · ${told.applicant.name}`}{told.promisedOn && ` · ${t('承诺', 'promised')} ${told.promisedOn}`}</span>}
      {of === 'visit' && !other.id && !told && <Button size="small" onPress={() => setAsks(true)}>{t('说明用途后查看', 'Look, with a reason')}</Button>}
      {asks && <Reveal id={id} link={link.id} onTold={(m) => { setTold(m); setAsks(false) }} onClose={() => setAsks(false)} />}
    </li>
  )
}

function Reveal({ id, link, onTold, onClose }: { id: string; link: string; onTold: (m?: Schemas['MatterRevealed']) => void; onClose: () => void }) {
  const t = useT()
  const [reason, setReason] = useState('')
  const deed = useSend<Schemas['MatterRevealed']>(() => api.POST('/v1/visits/{id}/links/{link}/reveal', { params: { path: { id, link } }, body: { reason } }), onTold)
  return (
    <DeedDialog title={t('查看敏感受理件', 'Look at a sensitive case')} verb={t('查看', 'Look')} {...deed} fields={['/reason']} ready={reason.trim().length > 1} onGo={() => void deed.go({ reason })} onClose={onClose}>
      <TextField label={t('用途', 'Purpose')} value={reason} onChange={setReason} error={deed.fault('/reason')} isRequired maxLength={200} hint={t('每次查看都会记入流水', 'Each look is on the journal')} autoFocus />
    </DeedDialog>
  )
}
