using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace ClipDistributed.Collectives.Tests;

/// <summary>ClipDistributed.Collectives.Tests.Member, driven over its standard input and output.</summary>
internal sealed partial class MemberProcess : IDisposable
{
    private const int SigStop = 19;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly Channel<string> answers = Channel.CreateUnbounded<string>();
    private readonly string name;

    /// <param name="prefix">A command that runs the member, as "ip netns exec a"; empty for none.</param>
    public MemberProcess(int rank, string? folder = null, params string[] prefix)
    {
        name = $"rank {rank}";
        string member = Path.Combine(folder ?? AppContext.BaseDirectory, "ClipDistributed.Collectives.Tests.Member");
        string[] line = [.. prefix, member];
        process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, output) =>
        {
            if (output.Data is { } answer)
                answers.Writer.TryWrite(answer);
            else
                answers.Writer.TryComplete();
        };
        process.BeginOutputReadLine();
    }

    public void Send(string command) => process.StandardInput.WriteLine(command);

    public string Answer()
    {
        var answer = answers.Reader.ReadAsync().AsTask();
        Assert.True(answer.Wait(Bound), $"{name} gave no answer");
        return answer.Result;
    }

    /// <summary>Aborts, and expects that what was blocked throws within a second.</summary>
    public void Abort()
    {
        Send("abort");
        string[] words = Answer().Split(' ', 3);
        Assert.Equal("aborted", words[0]);
        Assert.InRange(int.Parse(words[1], CultureInfo.InvariantCulture), 0, 1000);
    }

    /// <summary>Until the process has used no CPU time for a while: it is blocked, or it waits for a command.</summary>
    public void WaitUntilIdle()
    {
        var watch = Stopwatch.StartNew();
        TimeSpan before, now = TimeSpan.MinValue;
        do
        {
            before = now;
            Thread.Sleep(200);
            process.Refresh();
            now = process.TotalProcessorTime;
        }
        while (now != before && watch.Elapsed < Bound);
    }

    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Stop() => Assert.Equal(0, kill(process.Id, SigStop));

    /// <summary>Asks it to end, and checks that it does, with exit code 0.</summary>
    public void Quit()
    {
        Send("quit");
        ExpectEnd(exitCode: 0);
    }

    public void ExpectEnd(int exitCode)
    {
        Assert.True(process.WaitForExit(Bound), $"{name} did not end");
        Assert.Equal(exitCode, process.ExitCode);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
