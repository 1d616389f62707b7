import type { ErrorCode } from "../wire/contract.ts";
import type { DrillStep } from "../wire/drill.ts";
import { closed, plural } from "./plural.ts";

const count = (n: number, one: string, other: string) => plural("pt-BR", n, { one, other });

/** What a sentence about a refusal may use. */
export interface Facts {
  readonly name: string;
  readonly relay: string;
  readonly waitSeconds?: number;
}

const soon = ({ waitSeconds }: Facts) =>
  waitSeconds === undefined ? "daqui a pouco" : count(waitSeconds, "em # segundo", "em # segundos");

const errors: Record<ErrorCode, (facts: Facts) => string> = {
  invalid: () => "O relay não entendeu o pedido. Confira o que foi digitado; se continuar, atualize o Recado.",
  "protocol-unsupported": ({ relay }) =>
    `O relay ${relay} fala outra versão do protocolo. Atualize o Recado ou peça a quem cuida do relay que o atualize.`,
  "name-invalid": () =>
    "Esse nome não serve. Use de 1 a 32 letras, números, ponto, traço ou sublinhado, começando por letra ou número.",
  "name-taken": ({ name }) => `O nome ${name} já tem dono neste relay. Escolha outro ou, se é seu, entre com a senha.`,
  "password-weak": () =>
    "Essa senha é fácil demais de adivinhar. Use pelo menos 8 caracteres; uma frase de que você se lembre serve bem.",
  "credentials-invalid": () =>
    "O nome ou a senha não conferem. Confira os dois e tente de novo. Esqueceu? Quem mantém o relay pode lhe dar uma senha nova.",
  "token-invalid": () => "A sessão deste computador não vale mais. Entre de novo com a sua senha.",
  "invite-needed": () =>
    "Este relay só aceita contas novas com um convite válido. Peça um código a quem cuida dele e escreva-o aqui.",
  "relay-full": () => "O relay está cheio agora. Tente de novo daqui a pouco ou fale com quem cuida dele.",
  "rate-limited": (facts) => `Foram tentativas demais em pouco tempo. Tente de novo ${soon(facts)}.`,
  unavailable: (facts) => `Não deu certo agora. Nada se perdeu; tente de novo ${soon(facts)}.`,
  offline: () => "Você está offline. Fique online para fazer isso.",
  "not-a-contact": ({ name }) => `${name} não está nos seus contatos. Adicione o contato e tente de novo.`,
  "unknown-name": ({ name, relay }) => `Ninguém se chama ${name} em ${relay}. Confira como o nome é escrito.`,
  "too-long": () => "A mensagem passa do limite de 65.536 bytes. Divida o texto em duas ou mais.",
  "inbox-full": ({ name }) =>
    `A caixa de ${name} não recebe mais nada por enquanto. A mensagem fica aqui e tentamos de novo sozinhos.`,
  "own-name": () => "Esse é o seu próprio nome. Escreva o nome da pessoa com quem quer conversar.",
  "already-contact": ({ name }) => `${name} já está nos seus contatos. Procure na lista.`,
  blocked: ({ name }) => `Você bloqueou ${name}. Desbloqueie primeiro, na conversa.`,
  "relay-unreachable": ({ relay }) =>
    `Não há resposta de ${relay}. Confira o endereço e a rede, e se o relay está ligado.`,
  "relay-not-found": ({ relay }) => `O endereço ${relay} não existe nesta rede. Confira como ele é escrito.`,
  "relay-address-invalid": () =>
    "Isso não é um endereço de relay. Escreva por exemplo http://127.0.0.1:4567 ou https://recado.exemplo.org.",
  "not-a-relay": ({ relay }) => `Quem responde em ${relay} não é um relay do Recado. Confira o endereço e a porta.`,
  "certificate-untrusted": ({ relay }) =>
    `O certificado de ${relay} não é confiável: nenhuma autoridade conhecida o assinou, está vencido ou é de outro endereço. Nada foi enviado. Avise quem cuida do relay.`,
  "account-open": ({ name }) => `A conta ${name} já está aberta neste computador. Escolha-a na lista de contas.`,
  "account-unknown": () => "Esta conta não existe mais neste computador. Entre de novo.",
  "storage-failed": () =>
    "Não deu para gravar no disco deste computador. Libere espaço ou confira a permissão da pasta; tentamos de novo sozinhos.",
  "link-refused": () =>
    "Esse endereço não é aberto daqui: só páginas da web e endereços de e-mail são. Copie se confiar nele.",
};

export const ptBR = {
  opening: "Abrindo o Recado…",
  cancel: "Cancelar",
  dismiss: "Entendi",
  errors,
  listAnd: (first: string, second: string) => `${first} ${second}`,

  signIn: {
    title: "Deixe um recado.",
    lead: "Quem está aqui lê na hora. Quem não está encontra quando voltar.",
    relay: "Relay",
    relayHint: "O computador que guarda os recados. Quem cuida dele dá o endereço.",
    change: "Trocar",
    name: "Nome de usuário",
    password: "Senha",
    passwordRule: "Pelo menos 8 caracteres. Uma frase de que você se lembre serve bem.",
    show: "Mostrar",
    hide: "Ocultar",
    showTyped: "Mostrar o que foi digitado",
    hideTyped: "Ocultar o que foi digitado",
    enter: "Entrar",
    entering: "Entrando…",
    create: "Criar conta",
    creating: "Criando a conta…",
    firstTime: "Primeira vez?",
    alreadyHere: "Já tem conta?",
    haveInvite: "Tenho um convite",
    invite: "Código de convite",
    inviteWrong:
      "Este código não abre este relay: foi escrito errado, já foi usado ou venceu. Confira, ou peça outro a quem cuida do relay.",
    nameMissing: "Escreva o seu nome de usuário.",
    passwordMissing: "Escreva a sua senha.",
    passwordShort: "A senha precisa de pelo menos 8 caracteres.",
    relayMissing: "Escreva o endereço do relay.",
    accountsHere: "Contas neste computador",
  },

  preferences: {
    language: "Idioma",
    theme: "Tema",
    themes: { system: "Do sistema", light: "Clara", dark: "Escura" },
    locales: { "pt-BR": "Português (Brasil)", en: "English" },
  },

  settings: {
    title: "Preferências",
    look: "Aparência",
    textSize: "Tamanho do texto",
    textSizes: { small: "Pequeno", normal: "Normal", large: "Grande", larger: "Maior" },
    writing: "Escrita",
    sendKey: "Tecla que envia",
    sendKeys: { enter: "Enter (Shift+Enter quebra a linha)", "ctrl-enter": "Ctrl+Enter (Enter quebra a linha)" },
    spellCheck: "Verificar a ortografia",
    spellCheckHint:
      "No Linux os dicionários são baixados uma vez do servidor do Chromium, que é do Google; o que você escreve não sai daqui.",
    notifications: "Notificações",
    show: "Mostrar",
    shows: { text: "Nome e texto", name: "Só o nome", hidden: "Nem nome nem texto", off: "Nada" },
    quiet: "Não perturbe",
    quiets: { off: "Desligado", hour: "Por uma hora", tomorrow: "Até amanhã às 8h", ended: "Até eu desligar" },
    quietUntil: (moment: string) => `Até ${moment}`,
    test: "Mostrar uma notificação de teste",
    testing: "Pedindo ao sistema…",
    tested: {
      shown: (place: string) => `O sistema mostrou a notificação. Não viu? Veja ${place}.`,
      off: () => "As notificações estão desligadas aqui: escolha acima o que mostrar.",
      "do-not-disturb": () => "O “Não perturbe” do Recado está ligado: desligue-o acima.",
      "not-supported": () =>
        "Este sistema não tem um serviço de notificações em funcionamento. No Linux ele vem com o ambiente gráfico (libnotify e um programa que as mostre).",
      failed: (place: string) => `O sistema recusou a notificação. Veja ${place}.`,
      unconfirmed: (place: string) =>
        `O sistema não disse que mostrou a notificação. Pode ser o “Não perturbe” dele, ou uma permissão: veja ${place}.`,
    },
    systemPlaces: {
      linux: "as configurações de notificações do seu ambiente gráfico",
      mac: "Ajustes do Sistema › Notificações › Recado, e o modo Foco",
      windows: "Configurações › Sistema › Notificações › Recado, e o Assistente de foco",
    },
    presence: "Presença",
    away: "Ficar ausente",
    awayNever: "Nunca",
    awayAfter: (n: number) => count(n, "Depois de # minuto sem uso", "Depois de # minutos sem uso"),
    awayHint: "Ausente, você continua recebendo; seus contatos veem que não há ninguém ao computador.",
    window: "Janela e início",
    tray: "Mostrar na bandeja do sistema",
    closeToTray: "Ao fechar a última janela, continuar na bandeja",
    closeToTrayHint: "Você continua recebendo e é notificado. Sair encerra de verdade.",
    startAtLogin: "Iniciar junto com o computador",
    startHidden: "Iniciar sem abrir janelas",
    done: "Pronto",
  },

  presence: {
    online: "online",
    away: "ausente",
    offline: "offline",
    lastSeen: (moment: string) => `offline · visto: ${moment}`,
    seen: (moment: string) => `visto: ${moment}`,
    pending: "pedido enviado",
    requested: "quer ser seu contato",
    blocked: "bloqueado",
    former: "fora dos contatos",
  },

  own: {
    connecting: "conectando…",
    unreachable: "sem conexão",
    ended: "desconectado",
    menu: (name: string) => `Conta de ${name} e preferências`,
    accounts: "Contas",
    another: "Entrar com outra conta",
    newWindow: "Nova janela",
    settings: "Preferências…",
    signOut: "Sair desta conta…",
    unread: (n: number) => count(n, "# não lida", "# não lidas"),
    notRemembered:
      "Este computador não tem um cofre de senhas disponível: depois de fechar o Recado será preciso entrar de novo.",
    profile: (profile: string) => `perfil ${profile}`,
  },

  connection: {
    label: "Conexão",
    reconnecting: "Conectando de novo…",
    unreachable: (relay: string) => `Sem conexão com ${relay}.`,
    retryIn: (seconds: number) =>
      seconds <= 0
        ? "Tentando agora…"
        : count(seconds, "Nova tentativa em # segundo.", "Nova tentativa em # segundos."),
    retry: "Tentar agora",
    held: "Você está offline.",
    heldWaiting: (n: number, moment: string) =>
      count(n, `# mensagem espera por você desde ${moment}.`, `# mensagens esperam por você desde ${moment}.`),
    heldWaitingCount: (n: number) => count(n, "# mensagem espera por você.", "# mensagens esperam por você."),
    heldNothing: "Nada espera por você agora. O que chegar fica guardado no relay.",
    pendingHeld: (n: number) =>
      count(n, "# mensagem sua sai quando você ficar online.", "# mensagens suas saem quando você ficar online."),
    pendingCut: (n: number) =>
      count(
        n,
        "# mensagem sua está guardada aqui e sai sozinha.",
        "# mensagens suas estão guardadas aqui e saem sozinhas.",
      ),
    replaced: "Esta conta passou a ser usada em outra janela ou cópia do Recado.",
    revoked: "Este computador foi desligado da conta. Entre de novo para continuar; o histórico está aqui.",
    tokenInvalid: "A sessão não vale mais. Entre de novo para continuar; o histórico está aqui.",
    signedOut: "Você saiu desta conta. Entre de novo para continuar.",
    useHere: "Usar aqui",
    signInAgain: "Entrar de novo",
  },

  contacts: {
    label: "Contatos",
    people: "Pessoas",
    find: "Buscar contato",
    findShort: "Buscar",
    unread: (n: number) => count(n, "# mensagem não lida", "# mensagens não lidas"),
    marked: "marcada como não lida",
    muted: "silenciado",
    really: (name: string) => `nome de usuário ${name}`,
    draft: (body: string) => `Rascunho: ${body}`,
    readAll: (n: number) => count(n, "Ler a mensagem", "Ler as # mensagens"),
    accepted: (name: string) => `${name} agora é seu contato.`,
    close: "Fechar",
    you: (body: string) => `Você: ${body}`,
    none: "Você ainda não tem contatos.",
    noneHint: "Adicione alguém pelo nome de usuário neste relay. Quando a pessoa aceitar, vocês se veem online.",
    requests: "Pedidos de contato",
    wants: (name: string) => `${name} quer ser seu contato`,
    accept: "Aceitar",
    decline: "Recusar",
    block: "Bloquear",
    unblock: "Desbloquear",
    add: "Adicionar contato",
    addFirst: "Adicionar o primeiro",
    addLead: "A pessoa recebe um pedido e decide se aceita. Você já pode escrever para ela.",
    name: "Nome do contato",
    nameMissing: "Escreva o nome do contato.",
    addConfirm: "Adicionar",
    adding: "Adicionando…",
    remove: "Remover contato",
    removeTitle: (name: string) => `Remover ${name} dos contatos?`,
    removeLead: (name: string) =>
      `Vocês deixam de ver a presença e de escrever um para o outro, e ${name} fica sabendo. O histórico continua neste computador.`,
    removeConfirm: "Remover",
    goOffline: "Ficar offline",
    goOnline: "Ficar online",
    blockTitle: (name: string) => `Bloquear ${name}?`,
    blockLead: (name: string) =>
      `O que ${name} escrever não chega mais a você, e para ${name} você parece estar offline. Dá para desbloquear depois.`,
  },

  details: {
    title: (name: string) => `Detalhes de ${name}`,
    open: "Detalhes do contato",
    name: "Nome de usuário",
    on: (name: string, relay: string) => `${name} em ${relay}`,
    alias: "Apelido",
    aliasHint: (name: string) => `Só aparece neste computador. Deixe vazio para voltar a ${name}.`,
    keep: "Salvar",
    kept: "Salvo",
    presence: "Presença",
    since: "Contato desde",
    proof: "Mensagens recebidas",
    complete: "nada falta",
    missing: (n: number) => count(n, "falta # mensagem", "faltam # mensagens"),
    noProof: "nenhuma numerada ainda: nada a conferir",
    waits: "Esperando",
    nothingWaits: "nada",
    muted: "Silenciar",
    mutedHint: "As mensagens chegam e são contadas, mas não avisam.",
    mark: "Marcar como não lida",
  },

  waits: {
    title: "O que espera",
    summary: (messages: number, people: number) =>
      `${count(messages, "# mensagem espera", "# mensagens esperam")} por ${count(people, "# pessoa", "# pessoas")}`,
    short: (n: number, moment: string) => count(n, `# esperando desde ${moment}`, `# esperando desde ${moment}`),
    forReader: (n: number, moment: string) =>
      count(
        n,
        `# mensagem guardada no relay desde ${moment}, até a pessoa voltar`,
        `# mensagens guardadas no relay desde ${moment}, até a pessoa voltar`,
      ),
    spoken: (n: number, moment: string) =>
      count(n, `# mensagem esperando desde ${moment}`, `# mensagens esperando desde ${moment}`),
    here: (n: number, moment: string) =>
      count(
        n,
        `# mensagem ainda neste computador desde ${moment}`,
        `# mensagens ainda neste computador desde ${moment}`,
      ),
    lead: "O relay guarda cada mensagem até a pessoa voltar. Nada se perde, e a ordem é a sua.",
    nothing: "Nada espera agora: tudo o que você escreveu chegou.",
  },

  switcher: {
    title: "Ir para uma conversa",
    field: "Nome da pessoa",
    placeholder: "Digite um nome",
    results: "Conversas",
    none: (typed: string) => `Ninguém com “${typed}”.`,
    nobody: "Você ainda não tem contatos.",
    hint: "↑ ↓ escolhem, Enter abre, Esc fecha",
  },

  shortcuts: {
    search: "Buscar na conversa",
    searchAll: "Buscar em todas as conversas",
    title: "Atalhos do teclado",
    moving: "Navegar",
    talking: "Conversar",
    app: "Aplicativo",
    switcher: "Ir para uma conversa",
    next: "Próxima conversa",
    previous: "Conversa anterior",
    nextUnread: "Próxima não lida",
    panes: "Próxima parte da janela",
    panesBack: "Parte anterior da janela",
    toField: "Voltar ao campo da mensagem",
    details: "Detalhes do contato",
    addContact: "Adicionar contato",
    togglePresence: "Ficar offline ou online",
    newWindow: "Nova janela",
    settings: "Preferências",
    detach: "Abrir a conversa em janela própria",
    sheet: "Esta lista",
    send: "Enviar",
    newLine: "Quebrar a linha",
    or: "ou",
  },

  signOut: {
    title: (name: string, relay: string) => `Sair de ${name} em ${relay}?`,
    lead: "A conta continua existindo no relay. O histórico deste computador é apagado.",
    pending: (n: number) =>
      count(n, "# mensagem que ainda não saiu se perde.", "# mensagens que ainda não saíram se perdem."),
    confirm: "Sair e apagar",
  },

  conversation: {
    detach: "Abrir em janela própria",
    gone: "Não há mais nada desta conversa neste computador. Você pode fechar esta janela.",
    back: "Voltar para os contatos",
    more: (name: string) => `Mais sobre ${name}`,
    log: (name: string) => `Conversa com ${name}`,
    choose: "Escolha uma conversa",
    chooseHint: "Ou deixe um recado para quem não está: a mensagem espera por ela.",
    welcome: (name: string) => `Olá, ${name}`,
    empty: (name: string) => `Ainda não há mensagens com ${name} neste computador.`,
    emptyHint: "Escreva a primeira. Se a pessoa não estiver, ela encontra quando voltar.",
    loading: "Carregando a conversa…",
    loadingOlder: "Carregando mensagens anteriores…",
    failed: "Não deu para carregar a conversa.",
    again: "Tentar de novo",
    types: (name: string) => `${name} está escrevendo…`,
    newHere: "Novas mensagens",
    newBelow: (n: number) => count(n, "# mensagem nova", "# mensagens novas"),
    toEnd: "Ir para o fim",
    arrived: (n: number, name: string) => count(n, `# mensagem nova de ${name}`, `# mensagens novas de ${name}`),
    spoken: (name: string, body: string) => `${name}: ${body}`,
    pendingNotice: (name: string) =>
      `${name} ainda não respondeu ao seu pedido de contato. Você já pode escrever até 20 mensagens.`,
    requestedNotice: (name: string) => `${name} quer ser seu contato. Aceite o pedido para responder.`,
    blockedNotice: (name: string) => `Você bloqueou ${name}.`,
    formerNotice: (name: string) => `${name} não está mais nos seus contatos. O histórico continua aqui.`,
    addAgain: "Pedir contato de novo",
    blockThis: "Bloquear contato…",
    unblockThis: "Desbloquear contato",
    removeThis: "Remover contato…",
    showAll: "Mostrar tudo",
    showLess: "Mostrar menos",
    missingHere: (n: number, name: string) =>
      count(n, `Falta aqui # mensagem de ${name}`, `Faltam aqui # mensagens de ${name}`),
    complete: (name: string) => `Completo: do que ${name} escreveu para você, nada falta neste computador.`,
    missingInAll: (n: number, name: string) =>
      count(
        n,
        `# mensagem de ${name} nunca chegou. A conversa mostra onde.`,
        `# mensagens de ${name} nunca chegaram. A conversa mostra onde.`,
      ),
  },

  search: {
    open: "Buscar nesta conversa",
    title: "Buscar mensagens",
    label: "Buscar por",
    placeholder: "Palavras de uma mensagem",
    close: "Fechar a busca",
    where: "Onde buscar",
    here: (name: string) => `Com ${name}`,
    everywhere: "Todas as conversas",
    results: "Mensagens encontradas",
    in: (name: string) => `com ${name}`,
    nothing: (typed: string) => `Nenhuma mensagem com “${typed}”.`,
    found: (n: number) => count(n, "# mensagem", "# mensagens"),
    atLeast: (n: number) => count(n, "mais de # mensagem", "mais de # mensagens"),
  },

  emoji: {
    title: "Emoji",
    find: "Buscar emoji",
    nothing: (typed: string) => `Nenhum emoji com “${typed}”.`,
    results: "Emoji encontrados",
    loading: "Carregando os emoji…",
    groups: {
      smileys: "Carinhas",
      people: "Pessoas",
      animals: "Animais e natureza",
      food: "Comidas e bebidas",
      travel: "Viagens e lugares",
      activities: "Atividades",
      objects: "Objetos",
      symbols: "Símbolos",
      flags: "Bandeiras",
    },
  },

  composer: {
    label: "Mensagem",
    placeholder: (name: string) => `Escreva para ${name}`,
    send: "Enviar",
    emoji: "Inserir emoji",
    answering: "Respondendo a:",
    endReply: "Não citar",
    keys: {
      enter: "Enter envia, Shift+Enter quebra a linha.",
      "ctrl-enter": "Ctrl+Enter envia, Enter quebra a linha.",
    },
    bytesLeft: (n: number) => count(n, "Resta # byte", "Restam # bytes"),
    bytesOver: (n: number) =>
      count(n, "Passou # byte do limite. Divida o texto.", "Passaram # bytes do limite. Divida o texto."),
  },

  message: {
    actions: "Ações da mensagem",
    keys: "Enter: ações. R: responder. Delete: apagar daqui.",
    reply: "Responder",
    copy: "Copiar",
    copied: "Copiada.",
    removeHere: "Apagar daqui",
    removeTitle: "Apagar esta mensagem daqui?",
    removeOwn: (name: string) =>
      `Ela é apagada só neste computador. ${name} continua com a sua, e os seus outros aparelhos também.`,
    removeTheirs: "Ela é apagada só neste computador, e não há como trazê-la de volta.",
    removeConfirm: "Apagar daqui",
    answers: (quote: string, answer: string) => `respondendo a “${quote}”: ${answer}`,
    toQuoted: (quote: string, whose?: string) =>
      `${whose === undefined ? "Citação" : `Citação, ${whose}`}: ${quote}. Ir para a mensagem`,
    notHere: "A mensagem citada não está neste computador.",
    leadsTo: (host: string) => `Leva a ${host}`,
    you: "Você",
    label: (sender: string, body: string, moment: string, status: string) =>
      status ? `${sender}: ${closed(body)} ${moment}, ${status}` : `${sender}: ${closed(body)} ${moment}`,
    sending: "enviando",
    queued: (moment: string) => `na fila desde ${moment}`,
    accepted: "aceita",
    unconfirmed: "enviada, chegada não confirmada",
    keptSince: (moment: string, ahead: number) =>
      ahead === 0
        ? `guardada no relay desde ${moment}`
        : `guardada no relay desde ${moment}, depois de ${count(ahead, "# anterior sua", "# anteriores suas")}`,
    notStored: "O relay não consegue guardar mensagens agora. Ela fica aqui, e continuamos tentando sozinhos.",
    delivered: "entregue",
    read: "lida",
    refused: "recusada",
    resend: "Reenviar",
    remove: "Apagar",
    footer: (time: string, status: string) => `${time} · ${status}`,
    kept: (n: number, name: string, moment: string) =>
      count(
        n,
        `# mensagem guardada para ${name} desde ${moment}`,
        `# mensagens guardadas para ${name} desde ${moment}`,
      ),
    waitingConnection: (n: number, moment: string) =>
      count(n, `# mensagem esperando conexão desde ${moment}`, `# mensagens esperando conexão desde ${moment}`),
    waitingOnline: (n: number, moment: string) =>
      count(
        n,
        `# mensagem esperando você ficar online desde ${moment}`,
        `# mensagens esperando você ficar online desde ${moment}`,
      ),
    waitingRelay: (n: number, moment: string) =>
      count(n, `# mensagem na fila desde ${moment}`, `# mensagens na fila desde ${moment}`),
  },

  update: {
    label: "Atualizações",
    checking: "Procurando uma versão mais nova…",
    current: "Esta é a versão mais nova do Recado.",
    off: {
      administrator: "As atualizações foram desligadas neste computador por quem cuida dele.",
      development: "Esta cópia roda a partir do código-fonte e não é atualizada pelo Recado.",
      "no-source":
        "Esta compilação do Recado não sabe de onde vêm as atualizações. Busque versões novas onde você conseguiu esta.",
    },
    available: (version: string) => `O Recado ${version} chegou.`,
    availableByHand: (version: string) =>
      `O Recado ${version} chegou. Esta cópia não consegue se substituir: baixe a nova e ponha no lugar dela.`,
    downloading: (version: string, percent: string) => `Baixando o Recado ${version}: ${percent} %`,
    progress: "Andamento do download",
    ready: {
      restart: (version: string) => `O Recado ${version} foi baixado e conferido. Reinicie para usar.`,
      password: (version: string) =>
        `O Recado ${version} foi baixado e conferido. Para instalar, o sistema pede a senha de um administrador.`,
    },
    failed: {
      unreachable:
        "Não há resposta de onde vêm as atualizações. Confira a rede e tente de novo; esta versão continua funcionando.",
      untrusted:
        "Foi oferecida uma atualização sem a assinatura do Recado, e ela foi recusada. Esta versão continua funcionando. Tente mais tarde e avise quem publica o Recado.",
      damaged:
        "A atualização que chegou não é a que foi anunciada; ela foi recusada e apagada. Esta versão continua funcionando. Tente de novo.",
      "not-stored":
        "A atualização não coube neste disco. Libere espaço e tente de novo; esta versão continua funcionando.",
      "not-applied":
        "A atualização não pôde ser instalada, e esta versão continua funcionando. Tente de novo ou instale à mão.",
    },
    download: "Baixar",
    openPage: "Abrir a página de download",
    apply: "Reiniciar e atualizar",
    again: "Tentar de novo",
    later: "Depois",
  },

  links: {
    joinTitle: (relay: string) => `Criar uma conta em ${relay}?`,
    joinLead: (relay: string) =>
      `Um link convida você para o relay ${relay}. A seguir você escolhe um nome e uma senha; nada é enviado antes.`,
    joinInvited: (relay: string) =>
      `Um link convida você para o relay ${relay} e traz um código de convite para uma pessoa. A seguir você escolhe um nome e uma senha; nada é enviado antes.`,
    addTitle: (name: string) => `Adicionar ${name} aos contatos?`,
    addLead: (name: string, relay: string, own: string) =>
      `${name}, em ${relay}, recebe um pedido seu, ${own}, e decide se aceita.`,
    openTitle: (name: string) => `Abrir a conversa com ${name}?`,
    openLead: (name: string, own: string) =>
      `Ela abre aqui, na conta ${own}, se ${name} estiver entre os seus contatos.`,
    noAccount: (relay: string) =>
      `Você ainda não tem conta em ${relay}. Primeiro crie uma ou entre; depois a pergunta volta.`,
    notEncrypted: (relay: string) => `As conexões com ${relay} não são cifradas: quem está no caminho pode ler.`,
    unknownTitle: "Este link não funciona",
    unknownLead:
      "Ele não é nenhum que esta versão do Recado entenda, e nada foi feito. Peça um novo a quem o enviou ou atualize o Recado.",
    account: "Conta",
    proceed: "Continuar",
    add: "Adicionar",
    open: "Abrir",
  },

  drill: {
    title: "Alguma coisa se perde?",
    lead: "Veja você mesmo. O Recado cria um relay e duas contas só para isto, faz as duas escreverem uma à outra o tempo todo e quebra tudo em volta delas, como fariam uma queda de luz ou uma rede ruim. No fim, procura cada mensagem.",
    safe: "Leva cerca de meio minuto, acontece só neste computador e não toca nas suas contas nem nas suas mensagens.",
    start: "Começar",
    stop: "Parar",
    close: "Fechar",
    again: "Mais uma vez",
    copy: "Copiar o relatório",
    copied: "O relatório foi copiado.",
    notCopied: "Não foi possível copiar o relatório. Selecione o texto e copie.",
    stopped: "Parado. Não ficou nada para trás.",
    list: "O que acontece",
    current: (place: number, total: number, step: string) => `${place} de ${total}: ${step}`,
    // by wire/drill.ts
    steps: {
      prepare: "Um relay próprio e duas contas descartáveis são criados.",
      "cut-connections": "Todas as conexões são cortadas.",
      "kill-relay": "O relay é derrubado, como numa queda de luz, e volta.",
      swallow: "A rede engole tudo por 2 segundos.",
      "kill-reader": "Um dos aplicativos é derrubado enquanto chegam mensagens, e volta.",
      "cut-messages": "As conexões são cortadas no meio de uma mensagem, três vezes.",
      "kill-writer": "O outro aplicativo é derrubado enquanto envia, e volta.",
      "restart-relay": "O relay é reiniciado, como numa atualização.",
      "kill-all": "O relay e os dois aplicativos são derrubados ao mesmo tempo.",
      compare: "Tudo chega, e cada mensagem é procurada.",
    } satisfies Record<DrillStep, string>,
    written: (n: number) => count(n, "# mensagem enquanto isso.", "# mensagens enquanto isso."),
    sound: "Nada se perdeu.",
    broken: "Algo não saiu como devia.",
    outcome: (lost: number, doubled: number, disordered: number) =>
      `perdidas ${lost}, duplicadas ${doubled}, fora de ordem ${disordered}`,
    otherwise: (n: number) => `outras falhas ${n}`,
    seen: (written: number, shown: number, seconds: number) =>
      `${count(written, "# mensagem foi escrita", "# mensagens foram escritas")}, ${count(shown, "# foi mostrada", "# foram mostradas")} a quem se destinava. Levou ${count(seconds, "# segundo", "# segundos")}.`,
    reportIt: "Por favor, avise sobre isto e mande o relatório inteiro.",
    failed:
      "O teste não pôde ser feito, o que não diz nada sobre as suas mensagens. Tente de novo; se continuar, avise e mande este texto:",
  },
};
