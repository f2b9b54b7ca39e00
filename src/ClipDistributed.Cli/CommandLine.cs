using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using Spectre.Console;

namespace ClipDistributed.Cli;

/// <summary>Runs a parsed command and turns what the user got wrong into one line each and exit code 2.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        LastingTerminal.Use();
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 1000; // a file or a pipe has no margin to wrap at
        try
        {
            var result = root.Parse(args);
            if (result.Errors.Count == 0)
                return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            foreach (var error in result.Errors)
                Console.Error.WriteLine($"error: {error.Message}");
            Console.Error.WriteLine($"Try: {CommandPath(result)} --help");
            return ExitCodes.BadInput;
        }
        catch (BadInputException bad)
        {
            foreach (var error in bad.Errors)
                Console.Error.WriteLine($"error: {error}");
            return ExitCodes.BadInput;
        }
        catch (CoordinatorException absent)
        {
            Console.Error.WriteLine($"error: {absent.Message}");
            return absent.ExitCode;
        }
        catch (Exception world) when (world is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {world.Message}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static string CommandPath(ParseResult result)
    {
        var names = new Stack<string>();
        for (var at = result.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(at.Command is RootCommand ? "clipd" : at.Command.Name);
        return string.Join(' ', names);
    }
}
