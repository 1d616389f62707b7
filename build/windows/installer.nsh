; What electron-builder's installer asks besides: whether a person's messages go with the program. An update asks nothing,
; a silent removal keeps them.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    ; 1046 is Brazilian Portuguese
    ${if} $LANGUAGE == 1046
      StrCpy $R0 "Apagar também as contas e as mensagens guardadas neste computador? O que não foi entregue se perde."
    ${else}
      StrCpy $R0 "Also delete the accounts and messages kept on this computer? What has not been delivered is lost."
    ${endIf}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$R0" /SD IDNO IDNO recado_kept
    RMDir /r "$APPDATA\Recado"
    RMDir /r "$LOCALAPPDATA\recado-updater"
    recado_kept:
  ${endIf}
!macroend
