using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli;

/// <summary>Runs a parsed command and turns what the user got wrong into one line each and exit code 2.</summary>
internal static partial class CommandLine
{
    private const int MaxErrors = 50;

    /// <summary><c>@file</c> is a value of some options (labels, a password); the parser would put the file's lines among the
    /// arguments.</summary>
    public static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        ConsoleWriter.Use();
        try
        {
            if (args is ["version"] or ["--version"])
            {
                Console.WriteLine(ProgramVersion.Line);
                return ExitCodes.Done;
            }
            HelpLayout.Use(root, TerminalWidth.Now ?? TerminalWidth.Given);
            var result = root.Parse(HelpOf(root, args) ?? args, Parser);
            // A group of commands by itself does nothing: it shows what it has.
            if (result.CommandResult.Command is { Action: null, Subcommands.Count: > 0 }
                && result.UnmatchedTokens.Count == 0 && result.Errors.Count > 0)
                result = root.Parse([.. args, "--help"], Parser);
            var mistakes = CommandMistakes.Find(result);
            if (mistakes.Count == 0)
                return await result.InvokeAsync(
                    new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
                );
            Write(mistakes);
            Console.Error.WriteLine($"Try: {CommandPath.Of(result.CommandResult)} --help");
            return ExitCodes.BadInput;
        }
        catch (BadInputException bad)
        {
            Write(bad.Errors);
            return ExitCodes.BadInput;
        }
        catch (CoordinatorException absent)
        {
            Write([absent.Message]);
            return absent.ExitCode;
        }
        catch (Exception world) when (world is IOException or UnauthorizedAccessException)
        {
            Write([world.Message]);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>
    /// <c>clipd</c>, <c>clipd help</c> and <c>clipd help run list</c> in the parser's words; null: something else is asked for.
    /// </summary>
    private static string[]? HelpOf(RootCommand root, string[] args)
    {
        if (args.Length > 0 && args[0] != "help")
            return null;
        Command at = root;
        foreach (string name in args.Skip(1).Where(name => !name.StartsWith('-')))
        {
            at = at.Subcommands.FirstOrDefault(command => command.Name == name)
                ?? throw new BadInputException(CommandMistakes.NoCommand(at == root ? "clipd" : $"clipd {at.Name}", at, name));
        }
        return [.. args.Skip(1).Where(name => !name.StartsWith('-')), "--help"];
    }

    private static void Write(IReadOnlyList<string> errors)
    {
        foreach (string error in errors.Take(MaxErrors))
            Console.Error.WriteLine($"error: {Printable.Line(DoubleDot().Replace(error, "."))}");
        if (errors.Count > MaxErrors)
            Console.Error.WriteLine($"error: and {errors.Count - MaxErrors:N0} more");
    }

    /// <summary>Between a sentence that was quoted with its end and the one around it; not of a path.</summary>
    [GeneratedRegex(@"(?<=[\w)\]'""])\.\.(?=\s|$)")]
    private static partial Regex DoubleDot();
}
