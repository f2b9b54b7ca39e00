namespace ClipDistributed.Dashboard.SigningIn;

/// <summary>Marks the endpoints of the dashboard, so that the headers of pages are theirs.</summary>
internal sealed class PageMark
{
    public static readonly PageMark Instance = new();

    private PageMark()
    {
    }
}
