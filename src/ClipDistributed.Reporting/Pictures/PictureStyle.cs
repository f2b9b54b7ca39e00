namespace ClipDistributed.Reporting.Pictures;

/// <summary>The colours and the letters of a picture.</summary>
internal sealed record PictureStyle(ReportTheme Theme, ReportFont Font)
{
    /// <exception cref="Contracts.Errors.BadInputException">The font is not installed.</exception>
    public static PictureStyle Load(ReportTheme theme) => new(theme, ReportFont.Load());
}
