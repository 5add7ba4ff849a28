import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { useEffect } from 'react'
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components'
import { $api, useAccount } from '../api'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button, Failure } from '../ui'
import css from './map.module.css'

/** useDays are the days on which cells of the reader's areas were drawn anew, for managers. */
export function useDays() {
  const account = useAccount()
  const manages = account.roles.some((r) => ['community_manager', 'street_manager', 'admin'].includes(r))
  const own = account.grants.find((g) => g.area)?.area?.code
  const city = $api.useQuery('get', '/v1/areas', { params: { query: { level: 'city', limit: 1 } } }, { enabled: manages && !own, staleTime: Infinity })
  const area = own ?? city.data?.items[0]?.code
  return $api.useQuery('get', '/v1/redraws/days', { params: { query: { area } } }, { enabled: manages && !!area, staleTime: 600_000, select: (d) => d.days })
}

/** startOf is the day that history begins with: the one before the last, which looks other than now. After the last all is as now. */
export const startOf = (days: { day: string }[]) => days.at(-2)?.day

/** History is the slider over the days on which boundaries changed. */
export function History({ day, onDay }: { day: string; onDay: (day: string | undefined, replace?: boolean) => void }) {
  const t = useT()
  const f = useFormats()
  const days = useDays()
  const all = days.data ?? []
  // A day of the address between two redraws looks as after the one before it.
  const at = Math.max(0, all.findLastIndex((d) => d.day <= day))
  const now = all[at]
  useEffect(() => {
    if (days.data && days.data.length === 0) onDay(undefined, true)
  }, [days.data, onDay])
  if (days.error) return <div className={css.history}><Failure error={days.error} retry={() => void days.refetch()} /></div>
  const go = (i: number) => all[i] && onDay(all[i].day, true)
  const what = now && [
    now.cells.added > 0 && t(`新增 ${f.number(now.cells.added)}`, `${f.number(now.cells.added)} added`),
    now.cells.redrawn > 0 && t(`调整 ${f.number(now.cells.redrawn)}`, `${f.number(now.cells.redrawn)} redrawn`),
    now.cells.retired > 0 && t(`停用 ${f.number(now.cells.retired)}`, `${f.number(now.cells.retired)} retired`),
  ].filter(Boolean).join(t('、', ', '))
  return (
    <section className={css.history} aria-label={t('历史边界', 'Boundaries of the past')}>
      <div className={css.historyHead}>
        <b>{f.date(`${now?.day ?? day}T12:00:00+08:00`)}</b>
        <span className="muted">{what}</span>
        <Button size="small" onPress={() => onDay(undefined)}><X size={14} aria-hidden />{t('回到现在', 'Back to now')}</Button>
      </div>
      {all.length > 1 && (
        <div className={css.slide}>
          <Button icon size="small" variant="quiet" aria-label={t('前一次调整', 'The redraw before')} isDisabled={at === 0} onPress={() => go(at - 1)}><ChevronLeft size={18} /></Button>
          <Slider className={css.slider} aria-label={t('日期', 'Day')} minValue={0} maxValue={all.length - 1} step={1} value={at} onChange={(i) => go(i as number)}>
            <SliderTrack className={css.track}><SliderThumb className={css.thumb} /></SliderTrack>
          </Slider>
          <Button icon size="small" variant="quiet" aria-label={t('后一次调整', 'The redraw after')} isDisabled={at >= all.length - 1} onPress={() => go(at + 1)}><ChevronRight size={18} /></Button>
        </div>
      )}
      <p className={css.historyKey}><i />{t('浅色粗线为现在的边界', 'Broad and pale: the boundaries of now')}</p>
    </section>
  )
}
