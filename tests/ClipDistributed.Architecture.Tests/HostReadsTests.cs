using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>On a GPU each number that the host reads waits for all that was queued: within a step they are read in one place.</summary>
public sealed partial class HostReadsTests
{
    private static readonly string[] StepFolders =
    [
        "src/ClipDistributed.Model/Layers/",
        "src/ClipDistributed.Model/Towers/",
        "src/ClipDistributed.Training/Gradients/",
        "src/ClipDistributed.Training/Loss/",
        "src/ClipDistributed.Training/Optimization/",
        "src/ClipDistributed.Training/Steps/",
        "src/ClipDistributed.Training/Tensors/",
    ];

    /// <summary>Where numbers are read, or pixels and addresses go the other way.</summary>
    private static readonly HashSet<string> Readers =
    [
        "src/ClipDistributed.Training/Tensors/HostReads.cs",
        "src/ClipDistributed.Training/Tensors/PixelInput.cs",
        "src/ClipDistributed.Training/Tensors/TensorCollectives.cs",
        "src/ClipDistributed.Training/Tensors/WordSums.cs",
    ];

    private const string Sender = "src/ClipDistributed.Model/Layers/HostData.cs";

    [Fact]
    public void Sources_OfAStep_ReadNumbersInOnePlace() =>
        Findings.AssertNone(
            from file in SourceFile.OfPrograms
            where StepFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)) && !Readers.Contains(file.Path)
            from read in HostRead().Matches(file.Code)
            select $"{file.Path}: {read.Value}",
            "These wait for the device; read through HostReads, together with what else is known then:"
        );

    /// <summary>A copy from ordinary memory of the host waits as well.</summary>
    [Fact]
    public void Sources_OfAStep_SendNumbersInOnePlace() =>
        Findings.AssertNone(
            from file in SourceFile.OfPrograms
            where StepFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)) && file.Path != Sender
            from sent in HostCopy().Matches(file.Code)
            select $"{file.Path}: {sent.Value}",
            "These wait for the device; send through HostData, or make the tensor there:"
        );

    [Theory]
    [InlineData("tensor((float)step, device: means.device)", true)]
    [InlineData("tensor(cut, [rows, Math.Max(1, length)], ScalarType.Int64, device)", true)]
    [InlineData("host.to(device)", true)]
    [InlineData("host.to(model.Parameters.Device)", true)]
    [InlineData("HostData.Send(tensor(cut, [rows, length], ScalarType.Int64), device)", false)]
    [InlineData("zeros([], ScalarType.Float64, own.device)", false)]
    [InlineData("x.to(ScalarType.Float32)", false)]
    public void HostCopy_CallsOfTorch_AreThoseThatCopyToADevice(string code, bool copies) =>
        Assert.Equal(copies, HostCopy().IsMatch(code));

    [GeneratedRegex("""\.(item<|To(Double|Single|Int32|Int64|Boolean)\(\)|cpu\(\)|data<|bytes\b|nonzero\(|masked_select\()""")]
    private static partial Regex HostRead();

    [GeneratedRegex("""\btensor\((?:[^()]|\([^()]*\))*\b[dD]evice\b|\.to\([\w.]*\b[dD]evice\b""")]
    private static partial Regex HostCopy();
}
