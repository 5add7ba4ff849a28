import { CalendarRange } from 'lucide-react'
import { useState } from 'react'
import { $api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useStreet } from '../app/areas'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Blank, Button, Dialog, Facts, Loaded, Notice, Table, useFilters, type Column, type Tone } from '../ui'
import { usePlans, useTagNames } from './data'
import { ruleText } from './rrule'
import css from './visits.module.css'

type Plan = Schemas['Plan']

const tones: Record<string, Tone> = { draft: 'plain', active: 'good', paused: 'warn', ended: 'plain' }

const inForce = (p: Plan) => p.terms.find((x) => x.inForce) ?? p.terms.at(-1)

/** Plans are what visits come from, to read: who is visited how often, and what that asks of whom. */
export function Plans() {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const { get } = useFilters()
  const [plan, setPlan] = useState<Plan>()
  const street = useStreet()
  const tagName = useTagNames(street)
  const plans = usePlans(true, get('area') || undefined)
  const whom = (p: Plan) => {
    const terms = inForce(p)
    return terms?.tag ? tagName(terms.tag) : t(`${terms?.households.length ?? 0} 户名单`, `a list of ${terms?.households.length ?? 0}`)
  }
  const often = (p: Plan) => inForce(p)?.rules.map((r) => (r.level ? `${word('RiskLevel', r.level)}：` : '') + ruleText(r.rrule, t)).join('；')
  const columns: Column<Plan>[] = [
    { id: 'title', name: t('计划', 'Plan'), width: 'minmax(160px, 1.4fr)', main: true, show: (p) => <b>{p.title}</b> },
    { id: 'state', name: t('状态', 'State'), width: '100px', show: (p) => <Badge tone={tones[p.state]}>{word('PlanState', p.state)}</Badge> },
    { id: 'area', name: t('范围', 'Area'), width: 'minmax(120px, 1fr)', show: (p) => p.area.name },
    { id: 'whom', name: t('对象', 'Whom'), width: '110px', show: whom },
    { id: 'often', name: t('频次', 'How often'), width: 'minmax(170px, 1.3fr)', show: often },
    { id: 'window', name: t('期限', 'Within'), width: '90px', show: (p) => t(`${inForce(p)?.windowDays} 天内`, `${inForce(p)?.windowDays} days`) },
    { id: 'next', name: t('下一次', 'Next'), width: '120px', show: (p) => { const next = p.state === 'active' && inForce(p)?.rules.flatMap((r) => r.next).sort()[0]; return next ? f.date(next) : '—' } },
    { id: 'do', name: t('工作量', 'Load'), width: '90px', show: (p) => p.state !== 'ended' && <Button size="small" onPress={() => setPlan(p)}>{t('预览', 'Preview')}</Button> },
  ]
  return (
    <Loaded of={plans}>
      {(page) => (
        <>
          {page.items.length === 0 ? <Blank icon={<CalendarRange size={36} strokeWidth={1.4} aria-hidden />} title={t('没有走访计划', 'There is no plan')} /> : <Table label={t('走访计划', 'Plans')} columns={columns} rows={page.items} idOf={(p) => p.id} />}
          {plan && <Preview plan={plan} onClose={() => setPlan(undefined)} />}
        </>
      )}
    </Loaded>
  )
}

function Preview({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const t = useT()
  const f = useFormats()
  const preview = $api.useQuery('get', '/v1/visit-plans/{id}/preview', { params: { path: { id: plan.id } } })
  return (
    <Dialog title={`${plan.title} · ${t('今后 35 天', 'the next 35 days')}`} onClose={onClose} wide>
      <Loaded of={preview}>
        {(p) => (
          <>
            <Facts items={[[t('住户', 'Households'), f.number(p.households)], [t('走访', 'Visits'), f.number(p.visits)]]} />
            {p.overloaded && <Notice tone="warn">{t('有人超出每周上限，或无人负责', 'Somebody is over the limit of a week, or nobody is there to do it')}</Notice>}
            <div className={css.scroll} tabIndex={0} role="region" aria-label={t('每人每周', 'By worker and week')}>
              <table className={css.loads}>
                <thead><tr><th scope="col">{t('周', 'Week of')}</th><th scope="col">{t('人员', 'Worker')}</th><th scope="col">{t('本计划', 'This plan')}</th><th scope="col">{t('已有', 'Others')}</th><th scope="col">{t('上限', 'Limit')}</th></tr></thead>
                <tbody>
                  {p.loads.map((l, i) => (
                    <tr key={i}>
                      <td>{f.date(l.week)}</td>
                      <td>{l.account?.name ?? l.cell?.name} {l.over && <Badge tone="danger">{l.account ? t('超负荷', 'Over') : t('无人', 'Nobody')}</Badge>}</td>
                      <td>{l.visits}</td><td>{l.other}</td><td>{l.limit}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Loaded>
    </Dialog>
  )
}
