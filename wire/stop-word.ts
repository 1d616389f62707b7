/** What a child is told that is to end as before an update: a utility process of Electron hears no SIGTERM. */
export const stopWord = "stop";
