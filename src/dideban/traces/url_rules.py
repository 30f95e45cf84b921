"""Every rule that makes two addresses one, as tables with a reason each. The code that applies them is in ``urls.py``.

A rule belongs here when it is safe for every reader: the two addresses show the same page to everybody. Where that is
doubtful (``id=``, ``page=``, ``source=``, ``lang=``) the address is left as it is: a missed merge hides one co-share,
a wrong merge invents one.
"""

from __future__ import annotations

TRACKING_EXACT: dict[str, str] = dict.fromkeys(
    ("fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "fb_comment_id"), "Meta click ids"
)
"""Query parameters that name the click, the sender or the campaign, never the page: name in lower case -> reason."""
for _reason, _names in (
    ("Meta share ids", "igsh igshid ig_rid ig_mid mibextid rdid share_url __tn__ __cft__[0] __xts__[0]"),
    (
        "Google Ads and Analytics",
        "gclid gclsrc gbraid wbraid dclid srsltid gad_source gs_l _ga _gl _gac",
    ),
    ("Google Analytics linker", "_gid usqp ved sca_esv gs_lcp gs_lcrp sourceid"),
    ("Microsoft, Yandex and other ad networks", "msclkid yclid ymclid ysclid _openstat ttclid twclid li_fat_id epik"),
    ("Ad networks", "irclickid irgwc cjevent tduid vero_id vero_conv wickedid zanpid rb_clickid s_cid adgroupid"),
    ("Mail senders", "mkt_tok mc_cid mc_eid mc_tc _hsenc _hsmi __hstc __hssc __hsfp hsctatracking ml_subscriber"),
    (
        "Mail senders",
        "ml_subscriber_hash bsft_clkid bsft_eid bsft_uid bsft_mid bsft_aaid sc_eid",
    ),
    ("Mail senders", "_ke klaviyo_id _kx dm_i dicbo ck_subscriber_id nb_expand_referral trkinfo trkemail trkcampaign"),
    ("Where the reader came from", "ref ref_src ref_url ref_ refsrc ref_source ref_map refid refer referer referrer"),
    ("Where the reader came from", "referral referral_code ref_type refby from_source src_ref sref smid smtyp"),
    ("Share buttons", "si share_id share_from_aid share_source share_medium share_plat share_session_id"),
    ("Share buttons", "share_tag share_times share_token sharedfrom sharetype sharer social_share is_copy_url"),
    ("Share buttons", "is_from_webapp sender_device sender_web_id _branch_match_id _branch_referrer sh_kit wt.mc_id"),
    ("Alibaba and Bilibili share chains", "spm scm spm_id_from vd_source unique_k buvid from_spmid"),
    ("News sites", "ito cmpid cmp_id cid_src xtor at_medium at_campaign ncid"),
    ("News sites", "at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type at_link_origin at_format"),
    ("News sites", "at_bbc_team at_ptr_name ns_mchannel ns_source ns_campaign ns_linkname ns_fee ocid sref_id tpcc"),
    ("News sites", "intcid intcmp int_cid icid mbid ftag ftcamp soc_src soc_trk guccounter guce_referrer"),
    ("News sites", "guce_referrer_sig taid cndid bxid esrc hsa_acc hsa_cam wpsrc wpisrc wpmm"),
    ("Wikipedia", "wprov oldformat mobileaction useskin"),
    (
        "Piwik and Matomo",
        "pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid",
    ),
    ("Session ids in addresses", "phpsessid jsessionid aspsessionid sid_token cfid cftoken"),
    (
        "Consent and cache busters",
        "gdpr gdpr_consent usprivacy cachebuster nocache _cb __cf_chl_tk __twitter_impression",
    ),
):
    TRACKING_EXACT.update(dict.fromkeys(_names.split(), _reason))

TRACKING_PREFIXES: dict[str, str] = {
    "utm_": "Urchin and Google campaign tags",
    "utm-": "misspelt campaign tags",
    "mtm_": "Matomo campaign tags",
    "pk_": "Piwik campaign tags",
    "matomo_": "Matomo campaign tags",
    "hsa_": "HubSpot ads",
    "stm_": "Sourcebuster campaign tags",
    "itm_": "internal campaign tags",
    "oly_": "Omeda mail",
    "bsft_": "Blueshift mail",
    "vero_": "Vero mail",
    "fb_action_": "Meta open-graph actions",
    "__cft__": "Meta click context",
    "__xts__": "Meta click context",
    "at_custom": "AT Internet campaign tags",
    "ga_": "Google Analytics",
    "gad_": "Google Ads",
    "mc_": "Mailchimp",
}
"""Beginnings of tracking parameters, lower case -> reason."""

KEPT_PARAMETERS: dict[str, frozenset[str]] = {
    "github.com": frozenset({"ref"}),
    "gitlab.com": frozenset({"ref", "ref_type"}),
    "codeberg.org": frozenset({"ref"}),
}
"""Registrable domain -> parameters that choose the page there, though their name tracks elsewhere (git branches)."""

ONLY_PARAMETERS: dict[str, frozenset[str]] = {
    "x.com": frozenset({"q", "screen_name", "user_id", "list_id", "text", "hashtags", "in_reply_to"}),
    "t.me": frozenset({"comment", "start", "startapp", "server", "port", "secret", "phone", "text"}),
    "instagram.com": frozenset(),
    "tiktok.com": frozenset({"q"}),
    "linkedin.com": frozenset({"keywords", "currentjobid"}),
    "reddit.com": frozenset({"q"}),
    "open.spotify.com": frozenset(),
    "facebook.com": frozenset({"story_fbid", "id", "fbid", "v", "q", "set", "view_all_page_id"}),
    "youtube.com": frozenset({"v", "list", "search_query"}),
    "threads.net": frozenset(),
    "bsky.app": frozenset({"q"}),
}
"""Host -> the only parameters that choose a page there; everything else on these hosts tracks or decorates."""

HOST_ALIASES: dict[str, str] = {
    "twitter.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "fixvx.com": "x.com",
    "fixupx.com": "x.com",
    "twittpr.com": "x.com",
    "nitter.net": "x.com",
    "nitter.it": "x.com",
    "nitter.cz": "x.com",
    "nitter.at": "x.com",
    "nitter.ca": "x.com",
    "nitter.42l.fr": "x.com",
    "nitter.poast.org": "x.com",
    "nitter.privacydev.net": "x.com",
    "nitter.unixfox.eu": "x.com",
    "nitter.1d4.us": "x.com",
    "nitter.kavin.rocks": "x.com",
    "xcancel.com": "x.com",
    "telegram.me": "t.me",
    "telegram.dog": "t.me",
    "fb.com": "facebook.com",
    "facebook.me": "facebook.com",
    "web.facebook.com": "facebook.com",
    "mbasic.facebook.com": "facebook.com",
    "free.facebook.com": "facebook.com",
    "mtouch.facebook.com": "facebook.com",
    "facebookcorewwwi.onion": "facebook.com",
    "instagr.am": "instagram.com",
    "ddinstagram.com": "instagram.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "nr.reddit.com": "reddit.com",
    "sh.reddit.com": "reddit.com",
    "i.reddit.com": "reddit.com",
    "amp.reddit.com": "reddit.com",
    "rxddit.com": "reddit.com",
    "youtube-nocookie.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "gaming.youtube.com": "youtube.com",
    "vxtiktok.com": "tiktok.com",
    "threads.com": "threads.net",
    "fxbsky.app": "bsky.app",
}
"""Hosts that show the same pages under another name (old names, viewers, mirrors) -> the one kept."""

MOBILE_PREFIXES = ("m.", "mobile.", "touch.", "wap.")
"""First labels of small-screen editions of the same page."""
WWW_PREFIXES = ("www.",)
"""First label without meaning."""
AMP_PREFIXES = ("amp.",)
"""First label of Accelerated Mobile Pages."""

AMP_PARAMETERS: dict[str, frozenset[str]] = {
    "amp": frozenset({"", "1", "true", "yes"}),
    "outputtype": frozenset({"amp"}),
    "output": frozenset({"amp"}),
    "amp_js_v": frozenset({"*"}),
    "amp_gsa": frozenset({"*"}),
    "amp_lite": frozenset({"*"}),
    "_amp": frozenset({"", "1", "true"}),
    "isamp": frozenset({"", "1", "true"}),
    "usqp_amp": frozenset({"*"}),
}
"""Parameter -> values that ask for the AMP edition (``*``: any value)."""

AMP_SEGMENTS = frozenset({"amp", "amp.html"})
"""First or last path segments of the AMP edition."""

INDEX_NAMES = frozenset(
    {"index.html", "index.htm", "index.php", "index.asp", "index.aspx", "index.jsp", "index.shtml", "default.aspx"}
    | {"default.asp", "default.html", "default.htm"}
)
"""Last path segments that name their own folder."""

SESSION_PATH_PARAMETERS = (";jsessionid=", ";phpsessid=", ";sid=")
"""Session ids carried in a path segment."""

REDIRECTS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("google.*", "/url", ("url", "q"), "result pages of Google search and mail"),
    ("google.*", "/imgres", ("imgrefurl",), "the page behind an image result"),
    ("google.*", "/aclk", ("adurl",), "advertisement click"),
    ("facebook.com", "/l.php", ("u",), "Facebook leaving page"),
    ("facebook.com", "/flx/warn", ("u",), "Facebook warning page"),
    ("facebook.com", "/sharer.php", ("u",), "share button"),
    ("facebook.com", "/sharer/sharer.php", ("u",), "share button"),
    ("facebook.com", "/dialog/share", ("href",), "share button"),
    ("l.facebook.com", "/l.php", ("u",), "Facebook leaving page"),
    ("lm.facebook.com", "/l.php", ("u",), "Facebook leaving page"),
    ("l.instagram.com", "/", ("u",), "Instagram leaving page"),
    ("l.threads.net", "/", ("u",), "Threads leaving page"),
    ("l.messenger.com", "/l.php", ("u",), "Messenger leaving page"),
    ("x.com", "/intent/tweet", ("url",), "share button"),
    ("x.com", "/intent/post", ("url",), "share button"),
    ("x.com", "/share", ("url",), "share button"),
    ("t.me", "/share/url", ("url",), "share button"),
    ("t.me", "/iv", ("url",), "Telegram instant view"),
    ("youtube.com", "/redirect", ("q",), "YouTube leaving page"),
    ("linkedin.com", "/redir/redirect", ("url",), "LinkedIn leaving page"),
    ("linkedin.com", "/safety/go", ("url",), "LinkedIn leaving page"),
    ("linkedin.com", "/sharearticle", ("url",), "share button"),
    ("linkedin.com", "/sharing/share-offsite", ("url",), "share button"),
    ("out.reddit.com", "/*", ("url",), "Reddit leaving page"),
    ("vk.com", "/away.php", ("to",), "VK leaving page"),
    ("vk.com", "/share.php", ("url",), "share button"),
    ("steamcommunity.com", "/linkfilter", ("url", "u"), "Steam leaving page"),
    ("duckduckgo.com", "/l", ("uddg",), "result pages of DuckDuckGo"),
    ("away.vk.com", "/away.php", ("to",), "VK leaving page"),
    ("api.whatsapp.com", "/send", ("url",), "share button"),
    ("getpocket.com", "/redirect", ("url",), "Pocket leaving page"),
    ("disq.us", "/url", ("url",), "Disqus leaving page"),
    ("slack-redir.net", "/link", ("url",), "Slack leaving page"),
    ("safelinks.protection.outlook.com", "/", ("url",), "Outlook link check"),
)
"""(host, path, parameters, reason): the page is in the parameter. ``google.*`` is any Google country domain;
``/*`` any path; a host also matches as the ending of a longer one where that one is a link checker."""

_SHORTENERS = """
    bit.ly bitly.com j.mp t.co goo.gl g.co ow.ly tinyurl.com is.gd v.gd buff.ly dlvr.it ift.tt fb.me lnkd.in
    trib.al rebrand.ly cutt.ly shorturl.at rb.gy t.ly tiny.cc tiny.one bl.ink soo.gd s.id qr.ae snip.ly po.st
    shor.by adf.ly bc.vc ouo.io amzn.to amzn.eu a.co apple.co aka.ms msft.it spoti.fi nyti.ms wapo.st bbc.in
    cnn.it reut.rs on.ft.com econ.st theatln.tc politi.co usat.ly abcn.ws nbcnews.to cbsn.ws fxn.ws lat.ms huff.to
    bloom.bg on.wsj.com gu.com p.dw.com wp.me vm.tiktok.com vt.tiktok.com flip.it hubs.ly hubs.la mailchi.mp
    eepurl.com zpr.io sco.lt urlz.fr clck.ru vk.cc u.to qps.ru goo.su yun.ir b2n.ir zaya.io l1nq.com 1link.ir
    plink.ir opizo.com opizo.me lnk.ir lnnk.in linktr.in 2cm.es shorten.ir yon.ir cli.re chng.it kutt.it dub.sh
    dub.co short.gy n9.cl tny.im x.gd tr.ee ln.run u.nu han.gl me2.do url.kr t.cn dwz.cn url.cn suo.im bityl.co
    bitli.com surl.li clc.to pxlme.me
"""

SHORTENERS = frozenset(_SHORTENERS.split())
"""Hosts that hide the page behind a short code. Resolving them would tell a stranger what is looked at (and needs a
network), so they stay as they are; the run says how many there were."""
