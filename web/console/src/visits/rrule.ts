import type { T } from '../i18n'

const weekdays: Record<string, [string, string]> = { MO: ['一', 'Mon'], TU: ['二', 'Tue'], WE: ['三', 'Wed'], TH: ['四', 'Thu'], FR: ['五', 'Fri'], SA: ['六', 'Sat'], SU: ['日', 'Sun'] }

const units: Record<string, [zh: string, every: string, en: string]> = { DAILY: ['天', 'Every day', 'days'], WEEKLY: ['周', 'Every week', 'weeks'], MONTHLY: ['个月', 'Every month', 'months'], YEARLY: ['年', 'Every year', 'years'] }

/** ruleText says a recurrence in words; one with parts that it does not know is shown as it is written. */
export function ruleText(rule: string, t: T): string {
  const parts = new Map(rule.split(';').map((p) => p.split('=') as [string, string]))
  const unit = units[parts.get('FREQ') ?? '']
  if (!unit || [...parts.keys()].some((k) => !['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY'].includes(k))) return rule
  const n = Number(parts.get('INTERVAL') ?? 1)
  const days = parts.get('BYDAY')?.split(',') ?? []
  if (days.some((d) => !weekdays[d])) return rule
  const dates = parts.get('BYMONTHDAY')?.split(',') ?? []
  if (dates.some((d) => Number(d) < 1)) return rule
  const every = t(n === 1 ? `每${unit[0].replace('个', '')}` : `每 ${n} ${unit[0]}`, n === 1 ? unit[1] : `Every ${n} ${unit[2]}`)
  const on = days.length
    ? t(`${parts.get('FREQ') === 'WEEKLY' ? '周' : '的周'}${days.map((d) => weekdays[d]![0]).join('、')}`, ` on ${days.map((d) => weekdays[d]![1]).join(', ')}`)
    : dates.length
      ? t(` ${dates.join('、')} 日`, ` on day ${dates.join(', ')}`)
      : ''
  return every + on
}
