import { MapPinned } from 'lucide-react'
import { useMemo } from 'react'
import { GridList, GridListItem, ListLayout, Virtualizer } from 'react-aria-components'
import { useT } from '../i18n'
import { Blank } from '../ui'
import { figureName, levelName, type FigureId, type LevelId } from './figures'
import css from './map.module.css'
import type { Seen } from './seen'

/** AreaList is the map for who cannot use one: what lies in view, the greatest figure first, opened by the keyboard. */
export function AreaList({ level, areas, figure, plain, value, onOpen }: { level: LevelId; areas: Seen[]; figure: FigureId; plain: boolean; value: (v: unknown) => string; onOpen: (level: LevelId, area: Seen) => void }) {
  const t = useT()
  const of = (a: Seen) => (typeof a.properties[figure] === 'number' ? (a.properties[figure] as number) : -1)
  const sorted = useMemo(() => {
    const known = areas.filter((a) => of(a) >= 0)
    return (known.length ? known : [...areas]).sort((a, b) => of(b) - of(a) || a.code.localeCompare(b.code))
  }, [areas, figure])
  const total = sorted.reduce((n, a) => n + Math.max(0, of(a)), 0)
  const others = areas.length - sorted.length
  const most = Math.max(1, ...sorted.slice(0, 1).map((a) => Number(a.properties[figure]) || 0))
  return (
    <>
      <header className={css.sideHead}>
        <h2>{t('视野内的', 'In view: ')}{levelName(t, level)}</h2>
        <span className="muted num">{sorted.length}{plain || figure.endsWith('1000') ? '' : ` · ${t('合计', 'total')} ${value(total)}`}</span>
      </header>
      {areas.length === 0 ? <Blank icon={<MapPinned size={36} strokeWidth={1.4} aria-hidden />} title={t('视野内没有网格', 'No cells in view')}>{t('缩小或移动地图，回到辖区', 'Zoom out or move the map to come back')}</Blank> : (
        <>
          <div className={css.listHead} aria-hidden><span>{levelName(t, level)}</span><span>{!plain && figureName(t, figure)}</span></div>
          <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: plain ? 38 : 44 }}>
          <GridList aria-label={plain ? levelName(t, level) : `${levelName(t, level)}, ${figureName(t, figure)}`} className={css.list} items={sorted} selectionMode="none" onAction={(code) => onOpen(level, areas.find((a) => a.code === code)!)}>
            {(a) => (
              <GridListItem id={a.code} textValue={plain ? a.name : `${a.name} ${value(a.properties[figure])}`} className={css.row}>
                <span className={css.rowName}>{a.name}</span>
                {!plain && <span className={typeof a.properties[figure] === 'number' ? css.rowValue : css.rowNone}>{value(a.properties[figure])}</span>}
                {!plain && <span className={css.bar} aria-hidden><i style={{ inlineSize: `${(100 * Math.max(0, Number(a.properties[figure]) || 0)) / most}%` }} /></span>}
              </GridListItem>
            )}
          </GridList>
          </Virtualizer>
          {others > 0 && <p className={css.cut}>{t(`另有 ${others} 个没有此项数据，或不在您的管辖范围`, `${others} more without this figure, or outside of what you manage`)}</p>}
        </>
      )}
    </>
  )
}
