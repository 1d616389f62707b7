import { type Words } from "./text.ts";

const locale = "pt-BR";
const plurals = new Intl.PluralRules(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale);
const moment = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** The right form for a number, which stands where the `#` is. */
const count = (n: number, one: string, other: string): string =>
  (plurals.select(n) === "one" ? one : other).replace("#", number.format(n));

export const ptBR: Words = {
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
  minimize: "Minimizar",
  settings: "Preferências…",
  conversation: "Conversa",
  quickSwitch: "Ir para…",
  nextConversation: "Próxima conversa",
  previousConversation: "Conversa anterior",
  findMessage: "Procurar mensagens…",
  detach: "Abrir em janela própria",
  addContact: "Adicionar contato…",
  goOffline: "Ficar offline",
  goOnline: "Ficar online",
  doNotDisturb: "Não perturbe",
  quietOff: "Desligado",
  quietHour: "Por uma hora",
  quietTomorrow: "Até amanhã às 8h",
  quietOn: "Até eu desligar",
  quietUntil: (at) => `Até ${moment.format(at)}`,
  help: "Ajuda",
  shortcuts: "Atalhos do teclado",
  deliveryFacts: "O que está entregue…",
  drill: "Alguma coisa se perde?…",
  checkForUpdates: "Procurar atualizações…",
  openLogs: "Abrir a pasta de registros",
  about: "Sobre o Recado",
  aboutText: (version, runtime) =>
    `Versão ${version}\n${runtime}\n\nQuem está aqui lê na hora. Quem não está encontra quando voltar.\nSoftware livre, licença MIT.`,
  openRecado: "Abrir o Recado",
  unread: (n) => count(n, "# não lida", "# não lidas"),
  noSuggestions: "Nenhuma sugestão",
  addToDictionary: "Adicionar ao dicionário",
  checkSpelling: "Verificar a ortografia",
  ok: "OK",
  newMessages: (n) => count(n, "# mensagem nova", "# mensagens novas"),
  fromPeople: (names) => `de ${list.format(names)}`,
  requestTitle: (name) => `${name} quer ser seu contato`,
  requestBody: "Aceite ou bloqueie na lista de contatos.",
  requests: (n) => count(n, "# pedido de contato", "# pedidos de contato"),
  testTitle: "Recado",
  testBody: "É assim que um recado novo aparece.",
  facts: {
    title: "O que está entregue",
    account: (name, relay) => `${name} em ${relay}`,
    own: (n) => count(n, "# mensagem sua", "# mensagens suas"),
    pending: (n) => count(n, "# espera aqui pelo relay", "# esperam aqui pelo relay"),
    accepted: (n) => count(n, "# guardada no relay, à espera de quem lê", "# guardadas no relay, à espera de quem lê"),
    delivered: (n) => count(n, "# entregue", "# entregues"),
    read: (n) => count(n, "# lida", "# lidas"),
    refused: (n) => count(n, "# recusada", "# recusadas"),
    complete: (n) => count(n, "# conversa completa: nada falta", "# conversas completas: nada falta"),
    missing: (n) => count(n, "# mensagem de outros nunca chegou", "# mensagens de outros nunca chegaram"),
    nobody: "Nenhuma conta neste computador ainda.",
  },
};
