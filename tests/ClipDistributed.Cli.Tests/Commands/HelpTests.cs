using System.CommandLine;
using System.Text.RegularExpressions;
using ClipDistributed.Cli.Terminals;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The help of every command.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> All => [.. CommandTree.Paths()];

    [Theory, MemberData(nameof(All))]
    public void Help_NarrowTerminal_FitsAndLosesNoWord(string command)
    {
        string[] wide = Words(Help(command, width: null));
        foreach (int width in (int[])[40, 60, 80, 200])
        {
            string shown = Help(command, width);
            if (width >= 60)
                Assert.All(
                    shown.Split('\n'),
                    line => Assert.True(line.Length <= width, $"{command}: {line.Length} columns of {width}: {line}")
                );
            Assert.DoesNotContain(wide.Except(Words(shown)), word => word.Length < width / 3);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Help_EveryOptionAndArgument_IsDescribed(string command)
    {
        var at = CommandTree.Find(command);
        Assert.False(string.IsNullOrWhiteSpace(at.Description), command);
        Assert.All(at.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{command} {option.Name}"));
        Assert.All(at.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), $"{command} {argument.Name}"));
    }

    [Theory, MemberData(nameof(All))]
    public void Help_OptionWithAValue_NamesWhatTheValueIs(string command) => Assert.All(
        CommandTree.Find(command).Options.Where(option => option.Arity.MinimumNumberOfValues > 0),
        option => Assert.True(
            option.HelpName is { Length: > 0 } && option.HelpName != option.Name.TrimStart('-'),
            $"{command} {option.Name} <{option.HelpName}>"));

    /// <summary>The examples are commands and options that there are.</summary>
    [Theory, MemberData(nameof(All))]
    public void Help_Examples_CanBeRead(string command)
    {
        string lines = string.Join('\n', HelpExamples.Of(command)).Replace("\\\n", "", StringComparison.Ordinal);
        foreach (string example in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Empty(
                CommandMistakes.Find(
                    ClipdCommands.Create().Parse(example["clipd ".Length..].Replace("\"", "", StringComparison.Ordinal), CommandLine.Parser)
                )
            );
    }

    [Theory]
    [InlineData("data pack")]
    [InlineData("train")]
    [InlineData("submit")]
    [InlineData("classify")]
    public void Help_WhatANewcomerNeeds_HasExamples(string command) =>
        Assert.Contains($"\nExamples:\n  clipd {command} ", Help(command, width: 60), StringComparison.Ordinal);

    private static string Help(string command, int? width)
    {
        var root = ClipdCommands.Create();
        HelpLayout.Use(root, width);
        using var output = new StringWriter();
        Assert.Equal(0, root.Parse($"{command} --help").Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static string[] Words(string text) => Blank().Split(text);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
