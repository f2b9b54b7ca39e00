using System.Text;

namespace ClipDistributed.Cli.Completion;

/// <summary>A script by which bash completes the command line of clipd; it starts no process.</summary>
internal static class BashCompletion
{
    private const string Beginning = """
        # Completion of clipd for bash. Once:  source <(clipd completion bash)
        _clipd() {
          local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at='' words='' options='' values='' kind='' i

        """;

    // bash splits --output=json in three.
    private const string Walk = """
          for ((i = 1; i < COMP_CWORD; i++)); do
            case "$at ${COMP_WORDS[i]}" in
              %PATHS%) at="$at ${COMP_WORDS[i]}" ;;
            esac
          done
          if [[ $cur == '=' ]]; then
            cur=''
          elif [[ $before == '=' ]]; then
            before=${COMP_WORDS[COMP_CWORD-2]}
          fi

        """;

    private const string End = """
          case "$at $before" in
        %VALUES%    *)
              if [[ $cur == -* ]]; then
                words=$options kind=words
              fi ;;
          esac
          COMPREPLY=()
          case $kind in
            words)
              mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
              if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi ;;
            files)
              mapfile -t COMPREPLY < <(compgen -f -- "$cur")
              compopt -o filenames 2> /dev/null ;;
          esac
          return 0
        }
        complete -F _clipd clipd

        """;

    public static string Write(IReadOnlyList<CommandWords> tree)
    {
        var script = new StringBuilder(Beginning.ReplaceLineEndings("\n"));
        string paths = string.Join('|', tree.Where(command => command.Path != "").Select(command => $"' {command.Path}'"));
        script.Append(Walk.Replace("%PATHS%", paths, StringComparison.Ordinal));
        script.Append("  case $at in\n");
        foreach (var command in tree)
        {
            string options = string.Join(' ', command.Options.SelectMany(option => option.Names));
            var (kind, words) = command.Commands.Count > 0
                ? ("words", string.Join(' ', command.Commands.Select(sub => sub.Name)))
                : Offered(command.Arguments);
            script.Append($"    '{At(command)}') options='{options}' words='{words}' kind={kind} ;;\n");
        }
        script.Append("  esac\n");
        script.Append(End.Replace("%VALUES%", Values(tree), StringComparison.Ordinal));
        return script.ToString();
    }

    private static string Values(IReadOnlyList<CommandWords> tree)
    {
        var cases = new StringBuilder();
        foreach (var command in tree)
        {
            foreach (var option in command.Options.Where(option => option.Value is not null))
            {
                var (kind, words) = Offered(option.Value);
                string names = string.Join('|', option.Names.Select(name => $"'{At(command)} {name}'"));
                cases.Append($"    {names}) words='{words}' kind={kind} ;;\n");
            }
        }
        return cases.ToString();
    }

    private static string At(CommandWords command) => command.Path == "" ? "" : $" {command.Path}";

    private static (string Kind, string Words) Offered(ValueWords? value) => value switch
    {
        { Words.Count: > 0 } => ("words", string.Join(' ', value.Words)),
        { IsPath: true } => ("files", ""),
        _ => ("none", ""),
    };
}
