import { ListFilter } from 'lucide-react'
import { Dialog, DialogTrigger, Popover } from 'react-aria-components'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Button, Checkbox, PickList } from '../ui'
import ui from '../ui/ui.module.css'
import { useCategories } from '../work/categories'
import { openStates } from '../work/ticket'
import css from './map.module.css'
import type { View } from './view'

/** Filters choose which tickets are on the map. */
export function Filters({ view, change }: { view: View; change: (patch: Partial<View>) => void }) {
  const t = useT()
  const word = useWords()
  const categories = useCategories()
  const set = view.states.length + view.categories.length + (view.overdue ? 1 : 0)
  return (
    <DialogTrigger>
      <Button aria-label={set ? t(`筛选工单，已选 ${set} 项`, `Filter tickets, ${set} chosen`) : t('筛选工单', 'Filter tickets')}>
        <ListFilter size={15} aria-hidden /><span className={css.wide}>{t('筛选', 'Filter')}</span>{set > 0 && <b className={css.chip}>{set}</b>}
      </Button>
      <Popover className={`${ui.popover} ${css.filters}`} placement="bottom start">
        <Dialog aria-label={t('筛选工单', 'Filter tickets')} className={css.filterForm}>
          <Checkbox isSelected={view.overdue} onChange={(overdue) => change({ overdue })}>{t('只看超期', 'Only overdue')}</Checkbox>
          <PickList label={t('状态', 'State')} multiple options={openStates.map((s) => ({ id: s, text: word('TicketState', s) }))} chosen={view.states} onChoose={(states) => change({ states })} />
          <PickList label={t('类别', 'Category')} multiple find={t('查找类别', 'Find a category')} options={categories.offered.map((c) => ({ id: c.code, text: c.name, group: c.group?.name }))} chosen={view.categories}
            onChoose={(chosen) => change({ categories: chosen })} />
          <Button isDisabled={!set} onPress={() => change({ states: [], categories: [], overdue: false })}>{t('清除筛选', 'Clear')}</Button>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
