using System.CommandLine;
using System.CommandLine.Parsing;
using ClipDistributed.Cli.Completion;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Cli.Commands;

/// <summary>Options and arguments that name local files: expanded, or refused before any work is done, the same way everywhere.</summary>
internal static class PathOptions
{
    public static Option<string> AsPath(this Option<string> option) => Mark(option, result => One(result, option.Name));

    public static Option<string?> AsOptionalPath(this Option<string?> option) => Mark(option, result => One(result, option.Name));

    public static Option<string[]> AsPaths(this Option<string[]> option) => Mark(option, result => All(result, option.Name));

    public static Option<FileInfo?> AsPath(this Option<FileInfo?> option) => Mark(option, result => new FileInfo(One(result, option.Name)));

    public static Argument<string> AsPath(this Argument<string> argument) => Mark(argument, result => One(result, argument.Name));

    public static Argument<string[]> AsPaths(this Argument<string[]> argument) => Mark(argument, result => All(result, argument.Name));

    public static Argument<DirectoryInfo> AsPath(this Argument<DirectoryInfo> argument) =>
        Mark(argument, result => new DirectoryInfo(One(result, argument.Name)));

    private static Option<T> Mark<T>(Option<T> option, Func<ArgumentResult, T?> parse)
    {
        option.CustomParser = parse;
        PathMarks.Add(option);
        return option;
    }

    private static Argument<T> Mark<T>(Argument<T> argument, Func<ArgumentResult, T?> parse)
    {
        argument.CustomParser = parse;
        PathMarks.Add(argument);
        return argument;
    }

    private static string One(ArgumentResult result, string name) => All(result, name)[0];

    private static string[] All(ArgumentResult result, string name)
    {
        var paths = new List<string>();
        foreach (var token in result.Tokens)
        {
            try
            {
                paths.Add(
                    token.Value == "" ? throw new BadInputException($"{name} is empty; give a path.") : UserPath.Expand(token.Value, name));
            }
            catch (BadInputException wrong)
            {
                result.AddError(wrong.Message);
                paths.Add("."); // never used: the error ends the command
            }
        }
        return [.. paths];
    }
}
