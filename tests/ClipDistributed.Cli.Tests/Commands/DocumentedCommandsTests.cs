using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The command lines that README and docs show.</summary>
public sealed partial class DocumentedCommandsTests
{
    public static TheoryData<string, string> All => [.. Pages().SelectMany(Commands)];

    [Theory, MemberData(nameof(All))]
    public void Commands_OfTheDocs_CanBeRead(string where, string command)
    {
        var parsed = ClipdCommands.Create().Parse([.. CommandLineParser.SplitCommandLine(WithoutVariables(command))], CommandLine.Parser);
        Assert.True(CommandMistakes.Find(parsed).Count == 0, $"{where}: {command}: {string.Join(' ', CommandMistakes.Find(parsed))}");
    }

    [Fact]
    public void Specs_OfTheDocs_CanBeUsed()
    {
        var specs = from page in Pages()
                    from Match found in Specs().Matches(File.ReadAllText(page))
                    select SpecReader.ReadChecked(found.Groups[1].Value, Path.GetFileName(page));
        Assert.True(specs.Select(spec => SpecDefaults.Fill(spec)).Count() >= 2);
    }

    /// <summary>
    /// Those in blocks of code, without their comments and where their output goes; a backslash at the end of a line goes on with the next.
    /// </summary>
    private static IEnumerable<(string Where, string Command)> Commands(string page)
    {
        string[] lines = File.ReadAllLines(page);
        bool isCode = false;
        for (int i = 0; i < lines.Length; i++)
        {
            isCode ^= lines[i].StartsWith("```", StringComparison.Ordinal);
            if (!isCode || CommandMark().Match(lines[i]) is not { Success: true } mark)
                continue;
            string where = $"{Path.GetFileName(page)}:{i + 1}", command = WithoutComment(lines[i][mark.Length..]);
            while (command.EndsWith('\\'))
                command = command[..^1] + WithoutComment(lines[++i]);
            yield return (where, command);
        }
    }

    /// <summary>A shell puts their values there.</summary>
    private static string WithoutVariables(string command) => command.Replace("$", "", StringComparison.Ordinal);

    private static string WithoutComment(string line) => line.Split(" #")[0].Split(" > ")[0].Trim();

    private static IEnumerable<string> Pages([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        return Directory.GetFiles(Path.Combine(root, "docs"), "*.md").Prepend(Path.Combine(root, "README.md"));
    }

    [GeneratedRegex(@"(?:```yaml|<<'YAML')\n(.*?)^(?:```|YAML)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Specs();

    [GeneratedRegex(@"^(\$ )?(bin/)?clipd ")]
    private static partial Regex CommandMark();
}
