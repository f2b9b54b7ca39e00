using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Exports;

/// <summary>Paths of what an export reads of a run.</summary>
internal sealed record ExportedFiles(string Info, string Spec, string Metrics)
{
    public static ExportedFiles Of(RunDirectory directory) => new(directory.Info, directory.Spec, directory.Metrics);
}
