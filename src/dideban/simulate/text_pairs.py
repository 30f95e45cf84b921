"""Labelled pairs of texts in English, Persian and Arabic: rewordings of one message, and texts that only look alike.

Everyday, neutral topics. Every sentence exists in the three languages, so that a translation of a text is known too.
``{a|b}`` is a choice of words with one meaning, ``<street>`` a slot that the whole text fills alike.
"""

# ruff: noqa: E501  (a sentence and its translations stand on one line)

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl

LANGUAGES = ("en", "fa", "ar")

SAME_KINDS = (
    "verbatim", "emoji-link", "spelling", "reordered", "spun", "truncated", "headline-comment", "numbered", "quoted", "translated",
)  # fmt: skip
OTHER_KINDS = ("same-topic", "same-frame", "same-quote", "unrelated")

SLOTS: dict[str, str] = {
    "street": "Mill Street = خیابان آسیاب = شارع الطاحونة; Garden Road = بلوار باغ = طريق الحديقة; Station Square = میدان ایستگاه = ساحة المحطة; "
    "Bridge Lane = کوچهٔ پل = زقاق الجسر; Orchard Avenue = خیابان بوستان = جادة البستان; Harbour Street = خیابان بندر = شارع الميناء; "
    "Tailor Row = راستهٔ خیاطان = سوق الخياطين; Well Road = جادهٔ چاه = طريق البئر; Poplar Street = خیابان سپیدار = شارع الحور; "
    "Lantern Passage = گذر فانوس = ممر الفانوس",
    "day": "Saturday = شنبه = السبت; Sunday = یکشنبه = الأحد; Monday = دوشنبه = الاثنين; Tuesday = سه‌شنبه = الثلاثاء; "
    "Wednesday = چهارشنبه = الأربعاء; Thursday = پنجشنبه = الخميس; Friday = جمعه = الجمعة",
    "number": "12 = ۱۲ = ١٢; 25 = ۲۵ = ٢٥; 40 = ۴۰ = ٤٠; 65 = ۶۵ = ٦٥; 80 = ۸۰ = ٨٠; 150 = ۱۵۰ = ١٥٠; 230 = ۲۳۰ = ٢٣٠; 318 = ۳۱۸ = ٣١٨",
    "hour": "seven = هفت = السابعة; eight = هشت = الثامنة; nine = نه = التاسعة; ten = ده = العاشرة; five = پنج = الخامسة; six = شش = السادسة",
    "month": "April = فروردین = أبريل; May = اردیبهشت = مايو; June = خرداد = يونيو; September = شهریور = سبتمبر; October = مهر = أكتوبر; "
    "November = آبان = نوفمبر",
    "name": "Mina Karim = مینا کریمی = مينا كريم; Daniel Stone = دانیال سنگی = دانيال حجار; Laleh Noor = لاله نوری = لالة نور; "
    "Omar Field = عمر دشتی = عمر السهلي; Sara Brook = سارا جویباری = سارة الساقية; Yusuf Hill = یوسف تپه‌ای = يوسف التل",
}

TOPICS: dict[str, str] = {
    "library": """
The {public|city} library on <street> {opens its doors|opens} again on <day> {after months of repairs|when the repairs are over}. = کتابخانهٔ {عمومی|شهر} در <street> روز <day> {پس از چند ماه بازسازی|با پایان تعمیرات} دوباره {باز می‌شود|گشایش می‌یابد}. = تعيد المكتبة {العامة|البلدية} في <street> {فتح أبوابها|استقبال القراء} يوم <day> {بعد أشهر من الترميم|مع انتهاء الإصلاحات}.
Readers {can|may} {borrow|take home} up to <number> {books|volumes} and keep them until the end of <month>. = {خوانندگان|اعضا} می‌توانند تا <number> جلد کتاب {امانت بگیرند|به خانه ببرند} و تا پایان <month> نگه دارند. = {يستطيع|بإمكان} القراء {استعارة|أخذ} <number> كتابا والاحتفاظ بها حتى نهاية <month>.
The {quiet|silent} room on the upper floor now {stays open|is open} until <hour> in the evening for {students|pupils}. = تالار {آرام|خاموش} طبقهٔ بالا از این پس تا ساعت <hour> شب برای {دانشجویان|دانش‌آموزان} {باز می‌ماند|باز است}. = تبقى القاعة {الهادئة|الصامتة} في الطابق العلوي {مفتوحة|متاحة} حتى <hour> مساء {للطلاب|للتلاميذ}.
<name>, who {runs|leads} the children's corner, {says|notes} that story hours {return|come back} with {new|fresh} picture books. = <name> که {مسئول|سرپرست} بخش کودکان است {می‌گوید|یادآوری می‌کند} که ساعت قصه با کتاب‌های تصویری {تازه|نو} {برمی‌گردد|از سر گرفته می‌شود}. = {تقول|تذكر} <name> {المشرفة على|المسؤولة عن} ركن الأطفال إن ساعات الحكاية {تعود|تستأنف} مع كتب مصورة {جديدة|حديثة}.
{Old|Used} magazines and maps will be {given away|handed out} free of charge near the {main entrance|front door}. = مجله‌ها و نقشه‌های {قدیمی|کهنه} کنار {در اصلی|ورودی ساختمان} رایگان {پخش|توزیع} خواهد شد. = {ستوزع|ستعطى} المجلات والخرائط {القديمة|المستعملة} مجانا قرب {المدخل الرئيسي|الباب الأمامي}.
""",
    "park": """
Gardeners {planted|put in} <number> {young|small} trees along the pond in the park near <street>. = باغبان‌ها <number> {نهال|درخت جوان} کنار برکهٔ پارک نزدیک <street> {کاشتند|نشاندند}. = {زرع|غرس} البستانيون <number> شجرة {صغيرة|فتية} حول البركة في الحديقة القريبة من <street>.
The {walking|foot} path has {new|better} lamps, so people {feel safe|are at ease} after dark. = مسیر پیاده‌روی چراغ‌های {تازه|بهتری} دارد و مردم پس از تاریکی {احساس امنیت می‌کنند|آسوده‌ترند}. = زود ممر المشاة بمصابيح {جديدة|أفضل} حتى {يشعر الناس بالأمان|يطمئن الزوار} بعد حلول الظلام.
Dogs {must|have to} be {kept|held} on a lead between <hour> and noon, {the notice|the sign} by the gate {says|explains}. = بر {تابلوی|اعلان} کنار دروازه {نوشته شده|آمده} که سگ‌ها از ساعت <hour> تا ظهر باید قلاده داشته باشند. = {تفيد|توضح} {اللافتة|اللوحة} عند البوابة أن الكلاب {يجب|ينبغي} أن تقاد بالمقود من <hour> حتى الظهر.
Volunteers {collect|pick up} {litter|rubbish} every <day> and {welcome|invite} anyone with an hour to spare. = داوطلبان هر <day> {زباله‌ها|آشغال‌ها} را {جمع می‌کنند|برمی‌چینند} و از هر کس که ساعتی وقت دارد {استقبال می‌کنند|دعوت می‌کنند}. = {يجمع|يلتقط} المتطوعون {النفايات|القمامة} كل يوم <day> {ويرحبون|ويستعينون} بكل من لديه ساعة فراغ.
The {wooden|old} benches were {repaired|mended} by carpenters from the {trade|craft} school. = نیمکت‌های {چوبی|قدیمی} را نجارهای {هنرستان|مدرسهٔ حرفه‌ای} {تعمیر|مرمت} کردند. = {أصلح|رمم} نجارون من {المدرسة المهنية|مدرسة الحرف} المقاعد {الخشبية|القديمة}.
""",
    "bus": """
Bus line <number> {takes|uses} another route from <day> because <street> is {closed|shut} for roadworks. = اتوبوس خط <number> از <day> مسیر دیگری {می‌رود|دارد} چون <street> برای کار راه {بسته|مسدود} است. = {يسلك|يتخذ} خط الحافلات <number> مسارا آخر اعتبارا من <day> لأن <street> {مغلق|مقطوع} بسبب أعمال الطرق.
{Passengers|Travellers} should {wait|stand} at the {temporary|provisional} stop in front of the post office. = {مسافران|سرنشینان} باید در ایستگاه {موقت|جایگزین} روبه‌روی ادارهٔ پست {منتظر بمانند|بایستند}. = على {الركاب|المسافرين} {الانتظار|الوقوف} عند الموقف {المؤقت|البديل} أمام مكتب البريد.
The first {trip|ride} {leaves|departs} at <hour> in the morning and the last one {shortly before|just before} midnight. = نخستین {سفر|سرویس} ساعت <hour> صبح {حرکت می‌کند|راه می‌افتد} و آخرین آن {کمی پیش از|نزدیک} نیمه‌شب. = {تنطلق|تغادر} أول {رحلة|حافلة} عند <hour> صباحا وآخرها {قبيل|قبل} منتصف الليل.
Tickets {cost|are} the same as before and can be {bought|paid for} {by card|with a card} at the machine. = {بهای|قیمت} بلیت مثل پیش است و می‌توان آن را از دستگاه با کارت {خرید|پرداخت}. = {سعر|ثمن} التذكرة كما كان ويمكن {شراؤها|دفعه} بالبطاقة من الجهاز.
The driver <name> {thanked|praised} everyone for their {patience|understanding} during the {first|early} week. = راننده <name> از {شکیبایی|همراهی} همه در هفتهٔ {نخست|اول} {سپاسگزاری|قدردانی} کرد. = {شكر|حيا} السائق <name> الجميع على {صبرهم|تفهمهم} خلال الأسبوع {الأول|الماضي}.
""",
    "market": """
The {farmers|growers} market moves to <street> and {begins|starts} at <hour> every <day>. = بازار {کشاورزان|باغداران} به <street> می‌رود و هر <day> ساعت <hour> {آغاز|شروع} می‌شود. = ينتقل سوق {المزارعين|الفلاحين} إلى <street> {ويبدأ|وينطلق} عند <hour> كل يوم <day>.
{Tomatoes|Cucumbers} and {fresh|green} herbs were {cheaper|less expensive} this week than in <month>. = {گوجه|خیار} و سبزی {تازه|خوردنی} این هفته از <month> {ارزان‌تر|کم‌بهاتر} بود. = كانت {الطماطم|الخيار} والأعشاب {الطازجة|الخضراء} هذا الأسبوع {أرخص|أقل سعرا} مما كانت عليه في <month>.
About <number> {stalls|stands} {sell|offer} honey, cheese and bread from nearby {villages|farms}. = نزدیک <number> {غرفه|دکه} عسل و پنیر و نان {روستاهای|مزرعه‌های} اطراف را {می‌فروشند|عرضه می‌کنند}. = {يبيع|يعرض} نحو <number> {كشكا|بائعا} العسل والجبن والخبز من {القرى|المزارع} المجاورة.
{Bring|Take} your own bag, since {plastic|thin plastic} ones are no longer {given out|handed out}. = کیسهٔ خود را {بیاورید|همراه داشته باشید} چون کیسهٔ {پلاستیکی|نایلونی} دیگر {داده نمی‌شود|پخش نمی‌شود}. = {أحضروا|اجلبوا} أكياسكم معكم لأن الأكياس {البلاستيكية|الرقيقة} لم تعد {توزع|تعطى}.
<name> has {sold|been selling} {dried|salted} fruit there for {more than|over} twenty years. = <name> {بیش از|بیشتر از} بیست سال است که آنجا {میوهٔ خشک|خشکبار} {می‌فروشد|عرضه می‌کند}. = {يبيع|تعرض} <name> الفواكه {المجففة|المملحة} هناك منذ {أكثر من|ما يزيد على} عشرين عاما.
""",
    "weather": """
{Light|Gentle} rain is {expected|likely} on <day>, with {wind|gusts} of up to <number> kilometres an hour. = روز <day> باران {سبک|آرامی} {پیش‌بینی می‌شود|در راه است} و باد تا <number> کیلومتر در ساعت می‌رسد. = {يتوقع|ينتظر} هطول أمطار {خفيفة|هادئة} يوم <day> مع {رياح|هبات} تصل إلى <number> كيلومترا في الساعة.
The night will be {cold|chilly}, so {cover|protect} {flower pots|plants} on the balcony. = شب {سرد|خنک} خواهد بود؛ {گلدان‌ها|گیاهان} را روی ایوان {بپوشانید|محافظت کنید}. = ستكون الليلة {باردة|قارسة} لذا {غطوا|احموا} {أصص الزهور|النباتات} على الشرفة.
Fog {slowed|delayed} traffic on the road to the {airport|harbour} until <hour> in the morning. = مه تا ساعت <hour> صبح رفت‌وآمد راه {فرودگاه|بندر} را {کند|دشوار} کرد. = {أبطأ|أخر} الضباب حركة السير على طريق {المطار|الميناء} حتى <hour> صباحا.
{Forecasters|Meteorologists} {say|believe} that <month> will be {drier|less wet} than the year before. = {هواشناسان|کارشناسان هوا} {می‌گویند|بر این باورند} که <month> از سال گذشته {خشک‌تر|کم‌باران‌تر} خواهد بود. = {يقول|يرى} {خبراء الأرصاد|المتنبئون} إن شهر <month> سيكون {أكثر جفافا|أقل مطرا} من العام الماضي.
{Children|Pupils} {enjoyed|loved} the first snow and {built|made} a row of snowmen beside the school. = {بچه‌ها|کودکان} از نخستین برف {لذت بردند|خوشحال شدند} و کنار مدرسه یک ردیف آدم‌برفی {ساختند|درست کردند}. = {استمتع|فرح} {الأطفال|الصغار} بأول ثلج {وصنعوا|وبنوا} صفا من رجال الثلج بجانب المدرسة.
""",
    "school": """
The school on <street> is {looking for|seeking} {retired|former} teachers who can {help|assist} with reading. = مدرسهٔ <street> {در جست‌وجوی|دنبال} آموزگاران {بازنشسته|پیشین} است که در خواندن {کمک|یاری} کنند. = {تبحث|تفتش} المدرسة في <street> عن معلمين {متقاعدين|سابقين} {يساعدون|يعاونون} في القراءة.
{Parents|Families} {meet|gather} on <day> at <hour> to talk about the {summer|autumn} trip. = {پدران و مادران|خانواده‌ها} روز <day> ساعت <hour> {دیدار می‌کنند|گرد هم می‌آیند} تا دربارهٔ سفر {تابستان|پاییز} گفت‌وگو کنند. = {يلتقي|يجتمع} {الآباء والأمهات|الأهالي} يوم <day> عند <hour> للحديث عن رحلة {الصيف|الخريف}.
The {science|nature} fair {showed|presented} <number> small {projects|experiments} made from {simple|everyday} things. = نمایشگاه {علوم|طبیعت} <number> {طرح|آزمایش} کوچک با وسایل {ساده|روزمره} را {نشان داد|به نمایش گذاشت}. = {عرض|قدم} معرض {العلوم|الطبيعة} <number> {مشروعا|تجربة} صغيرة من أدوات {بسيطة|يومية}.
<name> {won|took} the {chess|drawing} prize for the second time {in a row|running}. = <name> برای دومین بار {پیاپی|پشت سر هم} جایزهٔ {شطرنج|نقاشی} را {برد|گرفت}. = {فازت|ظفرت} <name> بجائزة {الشطرنج|الرسم} للمرة الثانية {على التوالي|تواليا}.
Lunch will {include|contain} {lentil|bean} soup and an apple from <month> {onwards|on}. = ناهار از <month> {به بعد|به این سو} {آش عدس|سوپ لوبیا} و یک سیب {خواهد داشت|دارد}. = {سيضم|سيشمل} الغداء حساء {العدس|الفاصوليا} وتفاحة {ابتداء|اعتبارا} من <month>.
""",
    "football": """
The {local|district} team {beat|defeated} its {neighbours|rivals} by two goals in front of <number> {fans|spectators}. = تیم {محلی|منطقه} با دو گل {همسایه|رقیب} خود را پیش چشم <number> {هوادار|تماشاگر} {شکست داد|برد}. = {هزم|غلب} فريق {الحي|المنطقة} {جيرانه|منافسيه} بهدفين أمام <number> {مشجعا|متفرجا}.
<name> {scored|shot} the {winning|second} goal {shortly before|just before} the final whistle. = <name> گل {پیروزی|دوم} را {کمی پیش از|نزدیک} سوت پایان {زد|به ثمر رساند}. = {سجل|أحرز} <name> هدف {الفوز|الحسم} {قبيل|قبل} صافرة النهاية.
Training {moves|shifts} to <day> evenings, and {girls|young women} of all ages {are welcome|may join}. = تمرین به عصرهای <day> {می‌رود|منتقل می‌شود} و {دختران|بانوان} از هر سنی {خوش آمدند|می‌توانند بیایند}. = {ينتقل|يتحول} التدريب إلى مساء <day> {ونرحب|ويسعدنا الترحيب} {بالفتيات|بالشابات} من كل الأعمار.
The {grass|turf} was {renewed|replaced} over the winter and the {seats|stands} were painted {blue|green}. = {چمن|زمین} در زمستان {نو|عوض} شد و {صندلی‌ها|سکوها} را {آبی|سبز} رنگ کردند. = {جدد|استبدل} {العشب|النجيل} خلال الشتاء وطليت {المقاعد|المدرجات} باللون {الأزرق|الأخضر}.
Old {boots|shoes} and shirts can be {left|dropped off} at the {clubhouse|club} on <street> until <month>. = {کفش|کتانی} و پیراهن کهنه را می‌توان تا <month> در باشگاه <street> {تحویل داد|گذاشت}. = يمكن {ترك|تسليم} {الأحذية|النعال} والقمصان القديمة في نادي <street> حتى <month>.
""",
    "kitchen": """
{Wash|Rinse} the rice {twice|two times}, then {soak|leave} it in salted water for about an hour. = برنج را دو بار {بشویید|آب بکشید} و سپس حدود یک ساعت در آب نمک {خیس کنید|بگذارید}. = {اغسلوا|اشطفوا} الأرز مرتين ثم {انقعوه|اتركوه} في ماء مملح نحو ساعة.
{Fry|Brown} the onions {slowly|gently} until they {turn golden|are golden}, and {add|stir in} a pinch of saffron. = پیاز را {آرام|با حوصله} سرخ کنید تا {طلایی شود|رنگ بگیرد} و کمی زعفران {بیفزایید|اضافه کنید}. = {اقلوا|حمروا} البصل {ببطء|على مهل} حتى {يصير ذهبيا|يحمر} ثم {أضيفوا|زيدوا} رشة من الزعفران.
The baker on <street> {bakes|makes} <number> loaves before <hour> every morning {without|with no} help. = نانوای <street> هر روز پیش از ساعت <hour> {بی|بدون} کمک <number> نان {می‌پزد|درست می‌کند}. = {يخبز|يصنع} خباز <street> <number> رغيفا قبل <hour> كل صباح {بلا|من دون} مساعدة.
<name> {shares|passes on} a family recipe for {pumpkin|carrot} jam that needs {little|hardly any} sugar. = <name> دستور خانوادگی مربای {کدو|هویج} را که شکر {کمی|اندکی} می‌خواهد {می‌آموزد|بازگو می‌کند}. = {تشارك|تنقل} <name> وصفة عائلية لمربى {اليقطين|الجزر} لا تحتاج إلا إلى {قليل|شيء يسير} من السكر.
{Serve|Bring} the dish {hot|warm} with yoghurt, mint and a {slice|piece} of bread. = خوراک را {داغ|گرم} با ماست و نعنا و {تکه‌ای|برشی} نان {سر سفره ببرید|بیاورید}. = {قدموا|ضعوا} الطبق {ساخنا|دافئا} مع اللبن والنعناع {وقطعة|وشريحة} خبز.
""",
}

COMMENTS = """
I have {waited|hoped} for this for so long and {my whole family|everyone at home} will be {glad|happy}. = خیلی وقت بود {منتظر|چشم‌به‌راه} این خبر بودم و همهٔ خانواده {خوشحال|شاد} می‌شوند. = {انتظرت|تمنيت} هذا منذ زمن طويل وستكون عائلتي كلها {سعيدة|مسرورة}.
{Does anyone know|Can somebody tell me} if there is {enough|any} parking nearby? = {کسی می‌داند|کسی خبر دارد} آن نزدیکی جای پارک {کافی|خالی} هست؟ = {هل يعرف أحد|هل يخبرني أحد} إن كان هناك موقف سيارات {كاف|متاح} في الجوار؟
{Honestly|Frankly}, I would have {preferred|liked} something {simpler|smaller}, but let us see how it goes. = {راستش|صادقانه} من چیز {ساده‌تری|کوچک‌تری} را {ترجیح می‌دادم|می‌پسندیدم} ولی ببینیم چه می‌شود. = {بصراحة|في الحقيقة} كنت {أفضل|أود} شيئا {أبسط|أصغر} لكن لنر كيف تسير الأمور.
Well done to all who {worked|laboured} on it, it {shows|is plain to see}. = آفرین به همهٔ کسانی که {زحمت کشیدند|کار کردند}، نتیجه‌اش {پیداست|معلوم است}. = أحسنتم يا من {عمل|تعب} في ذلك فالنتيجة {ظاهرة|واضحة}.
My neighbour told me the {opposite|contrary} last week, so I am a little {confused|puzzled}. = همسایه‌ام هفتهٔ پیش {برعکس|خلاف} این را گفت و من کمی {گیج|سردرگم} شده‌ام. = أخبرني جاري {بالعكس|بخلاف ذلك} الأسبوع الماضي فأنا {محتار|مرتبك} قليلا.
Somebody should {write|send} this to those without a phone, they always {miss|overlook} such things. = یک نفر باید این را برای کسانی که تلفن ندارند {بنویسد|بفرستد}، همیشه {بی‌خبر|جا} می‌مانند. = ينبغي أن {يكتب|يرسل} أحدهم هذا لمن لا يملك هاتفا فهم {يفوتهم|يغفلون عن} مثل هذا دائما.
"""

_OPENINGS = """
Dear {residents|neighbours}, we would like to {inform|tell} you of the following: = {همشهریان|اهالی} گرامی، به آگاهی شما {می‌رسانیم|می‌رسد}: = {السكان|الأهالي} الكرام، نود {إعلامكم|إخباركم} بما يلي:
{News|A notice} from our {district|quarter} for today: = {خبر|اعلان} امروز {محله|منطقه}: = {خبر|إعلان} من {حينا|منطقتنا} لهذا اليوم:
"""
_CLOSINGS = """
Thank you for {reading|your attention}, and have a {pleasant|good} week. = از {توجه|همراهی} شما سپاسگزاریم، هفتهٔ {خوبی|خوشی} داشته باشید. = شكرا {لاهتمامكم|لمتابعتكم} ونتمنى لكم أسبوعا {طيبا|سعيدا}.
Please {share|pass on} this with your {friends|family}. = لطفا این را برای {دوستان|خانوادهٔ} خود {بفرستید|بازگو کنید}. = يرجى {مشاركة|نقل} هذا مع {أصدقائكم|عائلاتكم}.
"""
_LEADS = "As the notice put it: = در اعلان چنین آمده بود: = جاء في الإعلان ما نصه: "

MIN_LETTERS = 50
"""Letters of the shortest text of a pair: shorter ones are no objects."""

_EMOJI = ["😀", "🎉", "🌿", "📚", "⚽", "☔", "🍞", "🚌", "👏", "❤️", "✅", "👉", "🔥", "📣"]
_TAGS = {
    "en": ["#news", "#city", "#today", "#neighbours"],
    "fa": ["#خبر", "#شهر", "#امروز", "#محله"],
    "ar": ["#خبر", "#مدينة", "#اليوم", "#الحي"],
}
_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(\w+)>")


@dataclass
class TextDraft:
    """One text before it is rendered: which sentences, which slot values, which choice at each choice point."""

    sentences: list[str]
    """All three languages of each sentence, separated by `` = ``."""
    slots: dict[str, str]
    choices: dict[str, int] = field(default_factory=dict)

    def render(self, language: str) -> list[str]:
        """Return the sentences in one language."""
        return [self._render(sentence, language) for sentence in self.sentences]

    def _render(self, sentence: str, language: str) -> str:
        at = LANGUAGES.index(language)
        text = _SLOT.sub(lambda m: self.slots[m[1]].split(" = ")[at].strip(), sentence.split(" = ")[at].strip())
        n_before = 0

        def choose(match: re.Match[str]) -> str:
            nonlocal n_before
            words = match[1].split("|")
            key = f"{sentence[:40]}/{n_before}"
            n_before += 1
            return words[self.choices.get(key, 0) % len(words)]

        return _CHOICE.sub(choose, text)

    def spin(self, chance: random.Random, *, share: float) -> TextDraft:
        """Return the draft with other choices at ``share`` of the choice points."""
        choices = dict(self.choices)
        for sentence in self.sentences:
            for i in range(sentence.count("{")):
                key = f"{sentence[:40]}/{i}"
                if chance.random() < share:
                    choices[key] = choices.get(key, 0) + 1
        return TextDraft(self.sentences, self.slots, choices)


def make_pairs(language: str, *, n_per_kind: int = 250, seed: int = 1) -> pl.DataFrame:
    """Return labelled pairs of texts in one language.

    Parameters
    ----------
    language : {"en", "fa", "ar"}
    n_per_kind : count, > 0
        Pairs of each kind of SAME_KINDS and OTHER_KINDS.
    seed : int
        Seed of every choice.

    Returns
    -------
    DataFrame, (14 * n_per_kind,)
        ``pair_ix``, ``kind``, ``is_same``, ``left`` (the earlier text), ``right``.
    """
    rows: list[tuple[int, str, bool, str, str]] = []
    used: set[str] = set()
    for kind in (*SAME_KINDS, *OTHER_KINDS):
        chance = random.Random(f"{seed}/{language}/{kind}")  # noqa: S311
        for _ in range(n_per_kind):
            left, right = _fresh_pair(kind, language, chance, used)
            rows.append((len(rows), kind, kind in SAME_KINDS, left, right))
    return pl.DataFrame(rows, schema=["pair_ix", "kind", "is_same", "left", "right"], orient="row")


def pair_posts(pairs: pl.DataFrame, *, apart_h: float = 200.0) -> pl.DataFrame:
    """Return the pairs as posts: ``post_id`` (pair, then ``-a`` or ``-b``), ``text``, ``created_at``.

    The two texts of a pair stand an hour apart; pairs stand ``apart_h`` hours apart, so that none meets another.
    """
    start = datetime(1970, 1, 1, tzinfo=UTC)
    sides = []
    for side, column, lag_h in (("a", "left", 0.0), ("b", "right", 1.0)):
        times = [start + timedelta(hours=apart_h * ix + lag_h) for ix in pairs["pair_ix"]]
        ids = pairs["pair_ix"].cast(pl.String).str.zfill(6) + f"-{side}"
        sides.append(pl.DataFrame({"post_id": ids, "text": pairs[column], "created_at": times}))
    return pl.concat(sides).with_columns(pl.col("created_at").dt.cast_time_unit("us").dt.replace_time_zone("UTC"))


def lines_of(block: str) -> list[str]:
    return [line for line in block.strip().splitlines() if line]


def _draft(chance: random.Random, n_sentences: int, *, topic: str = "", avoid: tuple[str, ...] = ()) -> TextDraft:
    name = topic or chance.choice(sorted(TOPICS))
    pool = [line for line in lines_of(TOPICS[name]) if line not in avoid]
    slots = {slot: chance.choice(values.split("; ")) for slot, values in SLOTS.items()}
    draft = TextDraft(chance.sample(pool, min(n_sentences, len(pool))), slots)
    return draft.spin(chance, share=0.5)


def _long_draft(kind: str, language: str, n_sentences: int, chance: random.Random) -> TextDraft:
    """Draw until no rendering that the pair needs is too short to be an object."""
    least = 2 * MIN_LETTERS if kind == "truncated" else MIN_LETTERS
    for attempt in range(1000):
        draft = _draft(chance, n_sentences + attempt // 20)
        renderings = [draft.render(name) for name in (LANGUAGES if kind == "translated" else (language,))]
        whole = min(_n_letters(" ".join(sentences)) for sentences in renderings)
        first = min(_n_letters(sentences[0]) for sentences in renderings)
        if whole >= least and (kind != "headline-comment" or first >= MIN_LETTERS):
            break
    return draft


def _n_letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _said(block: str, language: str, chance: random.Random) -> str:
    """Return one line of a block in one language, its choices made."""
    draft = TextDraft([chance.choice(lines_of(block))], {})
    return draft.spin(chance, share=0.5).render(language)[0]


def _fresh_pair(kind: str, language: str, chance: random.Random, used: set[str]) -> tuple[str, str]:
    """Return a pair of texts that stand in no other pair: equal texts would tie pairs together."""
    for _ in range(100):
        left, right = _pair(kind, language, chance)
        words = {"".join(filter(str.isalnum, text)) for text in (left, right)}
        if not words & used:
            break
    used |= words
    return left, right


def _pair(kind: str, language: str, chance: random.Random) -> tuple[str, str]:
    n = chance.choice((3, 3, 4)) if kind == "reordered" else chance.choice((1, 2, 2, 3, 3))
    draft = _long_draft(kind, language, n, chance)
    sentences = draft.render(language)
    text = " ".join(sentences)
    if kind in OTHER_KINDS:
        return _other_pair(kind, language, chance)
    if kind == "translated":
        target = chance.choice([other for other in LANGUAGES if other != language])
        return text, " ".join(draft.render(target))
    if kind == "spun":
        return text, " ".join(draft.spin(chance, share=0.9).render(language))
    if kind == "headline-comment":
        headline = sentences[0]
        comments = [_said(COMMENTS, language, chance) for _ in range(chance.choice((1, 1, 2)))]
        return headline, " ".join(
            [headline, *comments] if chance.random() < 0.7 else [comments[0], headline, *comments[1:]]
        )
    return text, _same_text(kind, language, sentences, chance)


def _same_text(kind: str, language: str, sentences: list[str], chance: random.Random) -> str:
    """Return a copy of the text, changed in the way the kind says."""
    text = " ".join(sentences)
    if kind == "reordered":
        order = sentences[:]
        while order == sentences:
            chance.shuffle(order)
        return " ".join(order)
    if kind == "truncated":
        words = text.split()
        return " ".join(words[: max(6, round(len(words) * chance.uniform(0.5, 0.9)))]) + "… " + _link(chance)
    if kind == "numbered":
        return "\n".join(f"{i}. {sentence}" for i, sentence in enumerate(sentences, start=1))
    if kind == "quoted":
        lead = _LEADS.split(" = ")[LANGUAGES.index(language)].strip()
        return f"{lead} «{text}»" if chance.random() < 0.5 else f'{lead} "{text}"'
    if kind == "emoji-link":
        return _decorate(text, language, chance)
    if kind == "spelling":
        return _respell(text, language, chance)
    return f"RT @reader{chance.randrange(1000)}: {text}" if chance.random() < 0.5 else text


def _other_pair(kind: str, language: str, chance: random.Random) -> tuple[str, str]:
    """Return two different messages that share what the kind says."""
    left = _draft(chance, 2)
    if kind == "same-topic":
        topic = next(name for name, block in TOPICS.items() if left.sentences[0] in block)
        right = _draft(chance, 2, topic=topic, avoid=tuple(left.sentences))
        right.slots = left.slots
        return " ".join(left.render(language)), " ".join(right.render(language))
    topics = sorted(name for name, block in TOPICS.items() if left.sentences[0] not in block)
    right = _draft(chance, 2, topic=chance.choice(topics))
    a, b = left.render(language), right.render(language)
    if kind == "same-frame":
        opening, closing = _said(_OPENINGS, language, chance), _said(_CLOSINGS, language, chance)
        return " ".join([opening, *a, closing]), " ".join([opening, *b, closing])
    if kind == "same-quote":
        quote = _draft(chance, 1).render(language)[0]
        return f"«{quote}» " + " ".join(a), " ".join(b) + f" «{quote}»"
    return " ".join(a), " ".join(b)


def _link(chance: random.Random) -> str:
    return f"https://example.org/{chance.randrange(16**6):06x}"


def _decorate(text: str, language: str, chance: random.Random) -> str:
    words = text.split()
    for _ in range(chance.randint(1, 4)):
        words.insert(chance.randint(0, len(words)), chance.choice(_EMOJI))
    extras = [_link(chance), *chance.sample(_TAGS[language], chance.randint(0, 2)), f"@reader{chance.randrange(99)}"]
    return " ".join([*words, *extras])


_PERSIAN = (
    ("ی", "ي"),
    ("ک", "ك"),
    ("آ", "ا"),
    ("\u200c", ""),
    ("\u200c", " "),
    ("هٔ", "ه"),
    ("هٔ", "ه‌ی"),
    ("ئ", "ی"),
    ("؛", ";"),
    ("ا", "اَ"),
)
_ARABIC = (("أ", "ا"), ("إ", "ا"), ("ة", "ه"), ("ى", "ي"), ("آ", "ا"), ("ا", "ـا"), ("م", "مُ"), ("ل", "لَ"), ("،", ","))
_ENGLISH = (
    ("ou", "o"),
    ("re.", "er."),
    ("ing", "in'"),
    ("'", "’"),
    ("th", "ht"),
    ("ee", "e"),
    (". ", "... "),
    ("s ", "ss "),
    ("e ", " "),
)


def _respell(text: str, language: str, chance: random.Random) -> str:
    """Spell the text as another keyboard, another typist or a hurried one would."""
    rules = {"en": _ENGLISH, "fa": _PERSIAN, "ar": _ARABIC}[language]
    if language == "en":
        words = text.split(" ")
        for _ in range(max(2, len(words) // 8)):
            at = chance.randrange(len(words))
            old, new = chance.choice(rules)
            words[at] = (words[at] + " ").replace(old, new, 1).strip()
        text = " ".join(words)
        return chance.choice((text, text.upper(), text.lower()))
    for old, new in chance.sample(rules, 4):
        text = text.replace(old, new)
    digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
    return text.translate(digits) if chance.random() < 0.5 else text
