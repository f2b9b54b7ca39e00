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

    [Fact]
    public void Sources_OfAStep_ReadNumbersInOnePlace() =>
        Findings.AssertNone(
            from file in SourceFile.OfPrograms
            where StepFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)) && !Readers.Contains(file.Path)
            from read in HostRead().Matches(file.Code)
            select $"{file.Path}: {read.Value}",
            "These wait for the device; read through HostReads, together with what else is known then:"
        );

    [GeneratedRegex("""\.(item<|To(Double|Single|Int32|Int64|Boolean)\(\)|cpu\(\)|data<|bytes\b|nonzero\(|masked_select\()""")]
    private static partial Regex HostRead();
}
