using System.Text;

namespace ClipDistributed.Cli.Completion;

/// <summary>A script by which zsh completes the command line of clipd, with what each word means; it starts no process.</summary>
internal static class ZshCompletion
{
    private const string Beginning = """
        #compdef clipd
        # Completion of clipd for zsh. Once:  source <(clipd completion zsh)
        _clipd() {
          local at='' kind='' before=${words[CURRENT-1]} i
          local -a options offered
          for ((i = 2; i < CURRENT; i++)); do
            case "$at ${words[i]}" in
              (%PATHS%) at="$at ${words[i]}" ;;
            esac
          done
          if [[ ${words[CURRENT]} == --*=* ]]; then
            before=${words[CURRENT]%%=*}
            compset -P '*='
          fi
          case $at in

        """;

    private const string End = """
            (*)
              if [[ ${words[CURRENT]} == -* ]]; then
                offered=("${options[@]}") kind=words
              fi ;;
          esac
          case $kind in
            (words) _describe 'clipd' offered ;;
            (partial) compadd -S '' -- "${offered[@]}" ;;
            (files) _files ;;
          esac
        }
        if [[ $funcstack[1] == _clipd ]]; then _clipd "$@"; else compdef _clipd clipd; fi

        """;

    public static string Write(IReadOnlyList<CommandWords> tree)
    {
        string paths = string.Join('|', tree.Where(command => command.Path != "").Select(command => Quoted($" {command.Path}")));
        var script = new StringBuilder(Beginning.ReplaceLineEndings("\n").Replace("%PATHS%", paths, StringComparison.Ordinal));
        foreach (var command in tree)
        {
            var options = command.Options.SelectMany(option => option.Names.Select(name => Described(name, option.Meaning)));
            var (kind, words) = command.Commands.Count > 0
                ? ("words", command.Commands.Select(sub => Described(sub.Name, sub.Meaning)))
                : Offered(command.Arguments);
            script.Append(
                $"    ({Quoted(At(command))}) options=({string.Join(' ', options)}) kind={kind} offered=({string.Join(' ', words)}) ;;\n");
        }
        script.Append("  esac\n  case \"$at $before\" in\n");
        foreach (var command in tree)
        {
            foreach (var option in command.Options.Where(option => option.Value is not null))
            {
                var (kind, words) = Offered(option.Value);
                string names = string.Join('|', option.Names.Select(name => Quoted($"{At(command)} {name}")));
                script.Append($"    ({names}) kind={kind} offered=({string.Join(' ', words)}) ;;\n");
            }
        }
        return script.Append(End.ReplaceLineEndings("\n")).ToString();
    }

    private static string At(CommandWords command) => command.Path == "" ? "" : $" {command.Path}";

    private static (string Kind, IEnumerable<string> Words) Offered(ValueWords? value) => value switch
    {
        { Words.Count: > 0 } when value.Words.Any(word => word.EndsWith('=')) => ("partial", value.Words.Select(Quoted)),
        { Words.Count: > 0 } => ("words", value.Words.Select(Quoted)),
        { IsPath: true } => ("files", []),
        _ => ("none", []),
    };

    private static string Described(string word, string meaning) =>
        Quoted($"{word}:{meaning.Replace(":", "\\:", StringComparison.Ordinal)}");

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
