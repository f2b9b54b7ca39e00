using ClipDistributed.Contracts.Spec.Reference;

namespace ClipDistributed.Cli.Commands;

/// <summary>The fields of a spec, for a shell to offer.</summary>
internal static class SpecFieldWords
{
    /// <summary>As in <c>batch.global</c>; fields of lists, whose brackets shells take for patterns, are left out.</summary>
    public static IEnumerable<string> All => SpecReference.Build().Sections.SelectMany(section => section.Fields)
        .Where(one => one.Section is null).Select(one => one.Path).Where(path => !path.Contains('[', StringComparison.Ordinal));
}
