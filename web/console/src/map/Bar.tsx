import { CircleDot, EyeOff, Flame, History as Past } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'
import { useT } from '../i18n'
import { Button, Checkbox, Segments, Select } from '../ui'
import { Filters } from './Filters'
import { figureName, figures, type FigureId } from './figures'
import { startOf, useDays } from './History'
import css from './map.module.css'
import type { View } from './view'

/** Bar chooses what the map shows. */
export function Bar({ view, change, search, tickets, base }: { view: View; search: ReactNode; change: (patch: Partial<View>) => void; tickets: boolean; base: boolean }) {
  const t = useT()
  const options = useMemo(() => figures.map((f) => ({ id: f.id, text: figureName(t, f.id) })), [t])
  const days = useDays().data ?? []
  const start = startOf(days)
  return (
    <div className={css.top}>
      {search}
      {!view.day && <div className={css.figure}><Select label={t('着色指标', 'Coloured by')} hideLabel options={options} value={view.figure} onChange={(id) => change({ figure: id as FigureId })} /></div>}
      {tickets && (
        <Segments label={t('工单', 'Tickets')} value={view.tickets} onChange={(m) => change({ tickets: m })}
          options={[
            { id: 'points', text: <><CircleDot size={15} aria-hidden /><span className={css.wide}>{t('工单', 'Tickets')}</span></>, name: t('工单以点显示', 'Tickets as points') },
            { id: 'heat', text: <><Flame size={15} aria-hidden /><span className={css.wide}>{t('热力', 'Heat')}</span></>, name: t('热力图', 'Heat map') },
            { id: 'off', text: <><EyeOff size={15} aria-hidden /><span className={css.wide}>{t('不显示', 'Hide')}</span></>, name: t('不显示工单', 'Hide tickets') },
          ]} />
      )}
      {tickets && view.tickets !== 'off' && <Filters view={view} change={change} />}
      {start && (
        <Button variant={view.day ? 'primary' : 'plain'} onPress={() => change({ day: view.day ? undefined : start, ticket: undefined })} aria-pressed={!!view.day} aria-label={t('历史边界', 'Past boundaries')}>
          <Past size={15} aria-hidden /><span className={css.wide}>{t('历史边界', 'Past boundaries')}</span>
        </Button>
      )}
      {base && <Checkbox isSelected={view.base} onChange={(on) => change({ base: on })}>{t('底图', 'Base map')}</Checkbox>}
    </div>
  )
}
