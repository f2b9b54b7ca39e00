using System.Text;

namespace ClipDistributed.Cli.Completion;

/// <summary>A script by which fish completes the command line of clipd, with what each word means; it starts no process.</summary>
internal static class FishCompletion
{
    private const string Beginning = """
        # Completion of clipd for fish. Once:  clipd completion fish | source
        function __clipd_at
            set -l at ''
            for word in (commandline -opc)[2..]
                if contains -- "$at $word" %PATHS%
                    set at "$at $word"
                end
            end
            test "$at" = "$argv[1]"
        end
        complete -c clipd -e
        complete -c clipd -f

        """;

    public static string Write(IReadOnlyList<CommandWords> tree)
    {
        string paths = string.Join(' ', tree.Where(command => command.Path != "").Select(command => Quoted($" {command.Path}")));
        var script = new StringBuilder(Beginning.ReplaceLineEndings("\n").Replace("%PATHS%", paths, StringComparison.Ordinal));
        foreach (var command in tree)
        {
            string at = Quoted($"__clipd_at '{(command.Path == "" ? "" : $" {command.Path}")}'");
            foreach (var (name, meaning) in command.Commands)
                script.Append($"complete -c clipd -n {at} -a {name} -d {Quoted(meaning)}\n");
            if (command.Commands.Count == 0 && command.Arguments is { } arguments)
                script.Append(Arguments(at, arguments));
            foreach (var option in command.Options)
                script.Append($"complete -c clipd -n {at} {Names(option)}{Value(option.Value)} -d {Quoted(option.Meaning)}\n");
        }
        return script.ToString();
    }

    private static string Arguments(string at, ValueWords arguments) => arguments switch
    {
        { Words.Count: > 0 } => $"complete -c clipd -n {at} -a {Quoted(string.Join(' ', arguments.Words))}\n",
        { IsPath: true } => $"complete -c clipd -n {at} -F\n",
        _ => "",
    };

    /// <summary>As in <c>-l output -s o</c>; <c>-?</c> is for other shells.</summary>
    private static string Names(OptionWords option) => string.Join(' ', option.Names.Where(name => name != "-?").Select(name =>
        name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"));

    private static string Value(ValueWords? value) => value switch
    {
        null => "",
        { Words.Count: > 0 } => $" -x -a {Quoted(string.Join(' ', value.Words))}",
        { IsPath: true } => " -r -F",
        _ => " -x",
    };

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
