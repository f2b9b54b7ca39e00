using ClipDistributed.Reporting.Pictures;

namespace ClipDistributed.Reporting.Pages;

/// <summary>One picture in both themes.</summary>
internal sealed record ThemedPicture(Picture Light, Picture Dark);

/// <summary>The pictures of a report; those of what was not recorded are missing.</summary>
internal sealed record ReportPictures(IReadOnlyList<ThemedPicture> Curves, ThemedPicture? Similarity, ThemedPicture? StepTime = null);
