using System.Diagnostics;

namespace ClipDistributed.TestKit.Networks;

/// <summary>Commands of the system.</summary>
public static class Shell
{
    /// <returns>What it printed on standard error, if it failed; null: it went well.</returns>
    public static string? Try(string command)
    {
        try
        {
            string[] words = command.Split(' ');
            using var process = Process.Start(
                new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{command}: {errors.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"{command}: {missing.Message}";
        }
    }

    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static void Run(string command)
    {
        if (Try(command) is { } error)
            throw new InvalidOperationException(error);
    }
}
