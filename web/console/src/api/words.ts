import { useCallback } from 'react'
import { $api } from '.'
import { useLanguage } from '../i18n'

export const useMeta = () => $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity }).data

/** begun begins a word with a capital: on a page it stands alone, as a label. */
export const begun = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** useWords gives the text of a code of an enumeration of the contract, as the server has it: `word('TicketState', 'closed')`. */
export function useWords() {
  const meta = useMeta()
  const { lang } = useLanguage()
  return useCallback(
    (list: string, code: string): string => {
      const entries = (meta?.enums as Record<string, { code: string; text: Record<string, string> }[]> | undefined)?.[list]
      return begun(entries?.find((e) => e.code === code)?.text[lang] ?? code)
    },
    [meta, lang],
  )
}

/** useActionName is the text of an action as a button has it. */
export function useActionName(list = 'TicketAction') {
  const word = useWords()
  return useCallback((action: string) => word(list, action).replace(/^[a-z]/, (c) => c.toUpperCase()), [word, list])
}

/** useWordList is all codes of an enumeration with their texts. */
export function useWordList(list: string) {
  const meta = useMeta()
  const { lang } = useLanguage()
  const entries = (meta?.enums as Record<string, { code: string; text: Record<string, string> }[]> | undefined)?.[list] ?? []
  return entries.map((e) => ({ id: e.code, text: begun(e.text[lang] ?? e.code) }))
}
