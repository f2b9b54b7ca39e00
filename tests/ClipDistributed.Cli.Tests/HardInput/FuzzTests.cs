using System.Diagnostics;

namespace ClipDistributed.Cli.Tests.HardInput;

/// <summary>The short form of <c>make fuzz</c>: mutated inputs of every kind end in a result or a refusal.</summary>
public sealed class FuzzTests
{
    private const int InputsOfEachKind = 40;

    [Fact]
    public void Fuzz_MutatedInputsOfEveryKind_CrashHangAndSwellNothing()
    {
        var start = new ProcessStartInfo(Program(), [$"{InputsOfEachKind}"]) { RedirectStandardOutput = true };
        using var fuzz = Process.Start(start)!;

        string output = fuzz.StandardOutput.ReadToEnd();
        fuzz.WaitForExit();

        Assert.True(fuzz.ExitCode == 0, output);
    }

    private static string Program() =>
        RepositoryFolder.File("tests/ClipDistributed.Fuzz/bin/Release/net10.0/linux-x64/ClipDistributed.Fuzz");
}
