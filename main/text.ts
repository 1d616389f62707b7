import { type Locale } from "../wire/ipc.ts";
import { type Trouble } from "./accounts.ts";

/** The few words that the main process says itself: menus and dialogs. Everything else is the window's. */
export interface Words {
  readonly file: string;
  readonly newWindow: string;
  readonly closeWindow: string;
  readonly quit: string;
  readonly edit: string;
  readonly undo: string;
  readonly redo: string;
  readonly cut: string;
  readonly copy: string;
  readonly paste: string;
  readonly selectAll: string;
  readonly view: string;
  readonly resetZoom: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fullScreen: string;
  readonly window: string;
  readonly help: string;
  readonly checkForUpdates: string;
  readonly troubleTitle: string;
  readonly setAside: (file: string) => string;
  readonly newer: (folder: string) => string;
  readonly unreadable: (folder: string, reason: string) => string;
  readonly writeTo: (address: string) => string;
  readonly write: string;
  readonly cancel: string;
  readonly crashTitle: string;
  readonly crash: (folder: string) => string;
}

/** Typed by `Words`: a missing sentence does not compile. */
export const texts: Readonly<Record<Locale, Words>> = {
  "pt-BR": {
    file: "Arquivo",
    newWindow: "Nova janela",
    closeWindow: "Fechar janela",
    quit: "Sair",
    edit: "Editar",
    undo: "Desfazer",
    redo: "Refazer",
    cut: "Recortar",
    copy: "Copiar",
    paste: "Colar",
    selectAll: "Selecionar tudo",
    view: "Exibir",
    resetZoom: "Tamanho real",
    zoomIn: "Ampliar",
    zoomOut: "Reduzir",
    fullScreen: "Tela cheia",
    window: "Janela",
    help: "Ajuda",
    checkForUpdates: "Procurar atualizações…",
    troubleTitle: "Uma conta não pôde ser aberta",
    setAside: (file) =>
      `O histórico de uma conta está danificado e foi guardado como ${file}. Nada foi apagado. Entre de novo nessa conta para continuar conversando.`,
    newer: (folder) =>
      `Os dados em ${folder} são de uma versão mais nova do Recado e não foram tocados. Atualize o Recado para abrir essa conta.`,
    unreadable: (folder, reason) =>
      `Os dados em ${folder} não puderam ser lidos (${reason}). Verifique se você tem permissão para essa pasta e se há espaço no disco, e abra o Recado de novo.`,
    writeTo: (address) => `Abrir seu programa de e-mail para escrever a ${address}?`,
    write: "Abrir",
    cancel: "Cancelar",
    crashTitle: "O Recado precisa fechar",
    crash: (folder) =>
      `Algo inesperado aconteceu. Suas mensagens estão guardadas: abra o Recado de novo. O registro está em ${folder}.`,
  },
  en: {
    file: "File",
    newWindow: "New window",
    closeWindow: "Close window",
    quit: "Quit",
    edit: "Edit",
    undo: "Undo",
    redo: "Redo",
    cut: "Cut",
    copy: "Copy",
    paste: "Paste",
    selectAll: "Select all",
    view: "View",
    resetZoom: "Actual size",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fullScreen: "Full screen",
    window: "Window",
    help: "Help",
    checkForUpdates: "Check for updates…",
    troubleTitle: "An account could not be opened",
    setAside: (file) =>
      `An account's history is damaged and was kept as ${file}. Nothing was deleted. Sign in to that account again to go on talking.`,
    newer: (folder) =>
      `The data in ${folder} is of a newer version of Recado and was left alone. Update Recado to open that account.`,
    unreadable: (folder, reason) =>
      `The data in ${folder} could not be read (${reason}). Check that you may read that folder and that the disk has room, and open Recado again.`,
    writeTo: (address) => `Open your mail program to write to ${address}?`,
    write: "Open",
    cancel: "Cancel",
    crashTitle: "Recado has to close",
    crash: (folder) =>
      `Something unexpected happened. Your messages are kept: open Recado again. The log is in ${folder}.`,
  },
};

/** The sentence for an account that could not be opened. */
export function sayTrouble(words: Words, trouble: Trouble): string {
  switch (trouble.kind) {
    case "set-aside":
      return words.setAside(trouble.file);
    case "newer":
      return words.newer(trouble.folder);
    case "unreadable":
      return words.unreadable(trouble.folder, trouble.reason);
  }
}
