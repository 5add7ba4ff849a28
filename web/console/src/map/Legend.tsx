import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Segments } from '../ui'
import type { Colours } from './colours'
import { classNames, figureName, figureOf, levelName, shades, type FigureId, type LevelId } from './figures'
import css from './map.module.css'
import type { View } from './view'

/** Legend says what the colours mean, and how they are parted. */
export function Legend({ figure, steps, palette, level, breaks, heat, onBreaks }: {
  figure: FigureId; steps: number[]; palette: Colours; level: LevelId; breaks: View['breaks']; heat: boolean; onBreaks: (b: View['breaks']) => void
}) {
  const t = useT()
  const f = useFormats()
  const ramp = shades(palette.ramps[figureOf(figure).ramp], steps.length)
  if (heat)
    return (
      <section className={css.legend} aria-label={t('图例', 'Legend')}>
        <header><h2>{t('在办工单的疏密', 'Where open tickets are')}</h2></header>
        <div className={css.density}>{t('疏', 'few')}<i style={{ background: `linear-gradient(to right, ${palette.ramps.warm.join(', ')})` }} />{t('密', 'many')}</div>
      </section>
    )
  return (
    <section className={css.legend} aria-label={t('图例', 'Legend')}>
      <header><h2>{figureName(t, figure)}</h2><span className="muted">{levelName(t, level)}</span></header>
      <ul className={css.classes}>
        <li><i style={{ background: palette.zero }} />0</li>
        {classNames(figure, steps, f.number).map((name, i) => <li key={i}><i style={{ background: ramp[i] }} />{name}</li>)}
        <li><i className={css.hatched} />{t('无数据或不在管辖范围', 'No figure, or out of scope')}</li>
      </ul>
      <Segments label={t('分级方法', 'How the classes are made')} value={breaks} onChange={(b) => onBreaks(b)}
        options={[{ id: 'quantile', text: t('按当前视野分位', 'Quantiles in view') }, { id: 'fixed', text: t('固定分级', 'Fixed') }]} />
    </section>
  )
}
